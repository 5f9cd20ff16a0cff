"""Reductions, arg-reductions, running sums and the largest few, against NumPy."""

import itertools

import numpy

from cases import Case, FLOATS, NUMBERS, RELATIVE, dtype, exact, random_array

WIDE = FLOATS + ["int32", "int64", "uint32", "uint64"]
ACCUMULATING = {
    "ReduceSum": numpy.sum, "ReduceProd": numpy.prod, "ReduceMean": numpy.mean,
    "ReduceL1": lambda x, **k: numpy.sum(numpy.abs(x), **k),
    "ReduceL2": lambda x, **k: numpy.sqrt(numpy.sum(x * x, **k)),
    "ReduceSumSquare": lambda x, **k: numpy.sum(x * x, **k),
    "ReduceLogSum": lambda x, **k: numpy.log(numpy.sum(x, **k)),
    "ReduceLogSumExp": lambda x, **k: numpy.log(numpy.sum(numpy.exp(x), **k)),
}
# Defined over integers too, with a result that is one.
INTEGER = {"ReduceSum", "ReduceProd", "ReduceL1", "ReduceSumSquare"}
EXTREMES = {"ReduceMax": numpy.max, "ReduceMin": numpy.min}
SHAPES = [(), (1,), (5,), (2, 3), (4, 1, 3), (2, 3, 4), (2, 2, 2, 3), (3, 1000)]


def axes_of(rank):
    """Some choices of axes, negative ones among them; None: all."""
    yield None
    for count in range(1, rank + 1):
        for axes in itertools.islice(itertools.combinations(range(rank), count), 3):
            yield list(axes)
            yield [axis - rank for axis in axes]


def reduced(operator, function, array, name, axes, keepdims):
    expected = function(exact(array), axis=tuple(axes) if axes is not None else None, keepdims=bool(keepdims))
    inputs = [array] + ([numpy.array(axes, dtype=numpy.int64)] if axes is not None else [])
    size = float(numpy.abs(exact(array)).sum()) if array.dtype.kind in "fV" else 0.0
    relative = RELATIVE.get(name, 0)
    return Case(operator, inputs, [numpy.asarray(expected).astype(dtype(name))], {"keepdims": keepdims},
                relative=relative, absolute=1e-7 * size if name == "float32" else 1e-15 * size, note=name)


def reductions(random):
    for operator, function in (ACCUMULATING | EXTREMES).items():
        names = FLOATS + (WIDE[4:] if operator in INTEGER else [])
        if operator in EXTREMES:
            names = FLOATS + ["int8", "uint8", "int32", "int64", "uint32", "uint64", "bool"]
        for name in names:
            for shape in SHAPES:
                low = 0.1 if operator == "ReduceLogSum" else 0 if name.startswith("u") else -2
                array = random_array(random, name, shape, low, 2)
                for axes, keepdims in itertools.product(axes_of(len(shape)), (0, 1)):
                    yield reduced(operator, function, array, name, axes, keepdims)


def of_nothing(random):
    """The sum of no elements is 0, the product 1; an axis of size 0 that stays gives nothing."""
    for operator, neutral in (("ReduceSum", 0), ("ReduceProd", 1), ("ReduceL1", 0), ("ReduceSumSquare", 0)):
        for name in WIDE:
            array = random_array(random, name, (2, 0, 3))
            for axes, shape in (([1], (2, 1, 3)), ([0], (1, 0, 3)), ([0, 1], (1, 1, 3))):
                yield Case(operator, [array, numpy.array(axes, dtype=numpy.int64)],
                           [numpy.full(shape, neutral, dtype=dtype(name))], note=f"{name}_empty")


def arg_reductions(random):
    for operator, function in (("ArgMax", numpy.argmax), ("ArgMin", numpy.argmin)):
        for name in NUMBERS:
            for shape in SHAPES[1:]:
                array = random_array(random, name, shape)
                for axis, keepdims in itertools.product(range(-len(shape), len(shape)), (0, 1)):
                    plain = function(exact(array), axis=axis)
                    flipped = function(numpy.flip(exact(array), axis), axis=axis)
                    last = shape[axis] - 1 - flipped
                    for select_last, expected in ((0, plain), (1, last)):
                        expected = numpy.expand_dims(expected, axis) if keepdims else numpy.asarray(expected)
                        yield Case(operator, [array], [expected.astype(numpy.int64)],
                                   {"axis": axis, "keepdims": keepdims, "select_last_index": select_last},
                                   note=name)


def running_sums(random):
    for name in ["float32", "float64", "int32", "int64", "uint32", "uint64"]:
        for shape in ((1,), (6,), (2, 5), (2, 3, 4)):
            array = random_array(random, name, shape)
            for axis, exclusive, reverse in itertools.product(range(-len(shape), len(shape)), (0, 1), (0, 1)):
                values = numpy.flip(array, axis) if reverse else array
                sums = numpy.cumsum(values, axis=axis)
                sums = sums - values if exclusive else sums
                expected = numpy.flip(sums, axis) if reverse else sums
                yield Case("CumSum", [array, numpy.array(axis, dtype=numpy.int64)],
                           [expected.astype(array.dtype)], {"exclusive": exclusive, "reverse": reverse},
                           relative=1e-5 if name == "float32" else RELATIVE.get(name, 0), absolute=1e-5
                           if name == "float32" else 1e-12 if name == "float64" else 0, note=name)


def largest_few(random):
    for name in NUMBERS:
        for shape in ((1,), (9,), (3, 7), (2, 5, 3)):
            # All different, so that the order of equals does not matter.
            count = int(numpy.prod(shape))
            array = random.permutation(count).reshape(shape).astype(dtype(name))
            for axis, largest in itertools.product(range(-len(shape), len(shape)), (0, 1)):
                k = max(1, shape[axis] // 2)
                order = numpy.argsort(-exact(array).astype(float) if largest else exact(array), axis=axis)
                chosen = numpy.take(order, range(k), axis=axis)
                yield Case("TopK", [array, numpy.array([k], dtype=numpy.int64)],
                           [numpy.take_along_axis(array, chosen, axis), chosen.astype(numpy.int64)],
                           {"axis": axis, "largest": largest}, note=name)


def cases(random):
    with numpy.errstate(all="ignore"):
        for family in (reductions, of_nothing, arg_reductions, running_sums, largest_few):
            yield from family(random)
