"""Operators that move, repeat or choose elements, against NumPy; the elements come out bit for bit."""

import itertools

import numpy

from cases import Case, MOVABLE, NUMBERS, random_array

SHAPES = [(1,), (5,), (2, 3), (4, 1, 3), (2, 3, 4), (2, 1, 2, 3), (0, 3), (3, 2000)]


def indices(*numbers):
    return numpy.array(numbers, dtype=numpy.int64)


def transpose(random, name):
    for shape in SHAPES + [()]:
        array = random_array(random, name, shape)
        yield Case("Transpose", [array], [numpy.transpose(array)])
        for perm in itertools.islice(itertools.permutations(range(len(shape))), 6):
            if perm:
                yield Case("Transpose", [array], [numpy.transpose(array, perm)], {"perm": list(perm)})


def reshape(random, name):
    for before, wanted, after in (((2, 3, 4), (4, 6), (4, 6)), ((2, 3, 4), (-1,), (24,)), ((2, 3, 4), (0, -1), (2, 12)),
                                  ((1,), (), ()), ((), (1, 1), (1, 1)), ((0, 3), (3, 0), (3, 0))):
        array = random_array(random, name, before)
        attributes = {"allowzero": 1} if 0 in after else {}
        yield Case("Reshape", [array, indices(*wanted)], [array.reshape(after)], attributes)
    for shape in SHAPES:
        array = random_array(random, name, shape)
        for axis in range(-len(shape), len(shape) + 1):
            rows = int(numpy.prod(shape[:axis])) if axis else 1
            columns = int(numpy.prod(shape[axis:])) if axis else int(numpy.prod(shape))
            yield Case("Flatten", [array], [array.reshape(rows, columns)], {"axis": axis})
            yield Case("Unsqueeze", [array, indices(axis if axis >= 0 else axis - 1)],
                       [numpy.expand_dims(array, axis if axis >= 0 else axis - 1)])
        yield Case("Squeeze", [array], [numpy.squeeze(array)])
        yield Case("Identity", [array], [array])
        yield Case("Shape", [array], [indices(*shape)])
        yield Case("Size", [array], [numpy.array(array.size, dtype=numpy.int64)])


def concat_and_split(random, name):
    for shape in SHAPES:
        for axis in range(-len(shape), len(shape)):
            parts = []
            for size in (1, 3, 0, 2):
                part = list(shape)
                part[axis] = size
                parts.append(random_array(random, name, tuple(part)))
            whole = numpy.concatenate(parts, axis=axis)
            yield Case("Concat", parts, [whole], {"axis": axis})
            yield Case("Split", [whole, indices(1, 3, 0, 2)], parts, {"axis": axis})


def slices(random, name):
    for shape in ((7,), (5, 6), (3, 4, 5)):
        array = random_array(random, name, shape)
        for axis, (start, stop, step) in itertools.product(range(-len(shape), len(shape)), (
                (0, 3, 1), (1, 1000, 2), (-2, 1000, 1), (-1, -1000, -1), (1000, -1000, -2), (2, 2, 1), (3, 0, -1))):
            place = [slice(None)] * len(shape)
            begin = max(start, -shape[axis] - 1) if step > 0 else start
            begin = begin if step > 0 else min(start, shape[axis] - 1)
            place[axis] = slice(begin, None if step < 0 and stop < -shape[axis] else stop, step)
            yield Case("Slice", [array, indices(start), indices(stop), indices(axis), indices(step)],
                       [numpy.ascontiguousarray(array[tuple(place)])])


def gathers(random, name):
    for shape in ((5,), (3, 4), (2, 3, 4)):
        array = random_array(random, name, shape)
        for axis, at in itertools.product(range(-len(shape), len(shape)), ((), (1,), (4,), (2, 3), (0,))):
            chosen = numpy.asarray(random.integers(-shape[axis], shape[axis], at)).astype(numpy.int64)
            yield Case("Gather", [array, chosen], [numpy.take(array, chosen, axis=axis)], {"axis": axis})
            same = random.integers(-shape[axis], shape[axis], shape).astype(numpy.int32)
            yield Case("GatherElements", [array, same],
                       [numpy.take_along_axis(array, same.astype(numpy.int64), axis)], {"axis": axis})
        depth = len(shape)
        points = numpy.stack([random.integers(-size, size, (4,)) for size in shape], axis=-1).astype(numpy.int64)
        yield Case("GatherND", [array, points], [array[tuple(points[:, axis] for axis in range(depth))]])
        updates = random_array(random, name, (3,) + shape[1:])
        rows = random.permutation(shape[0])[:3].astype(numpy.int64)[:, None]
        result = array.copy()
        result[rows[:, 0]] = updates[:len(rows)]
        yield Case("ScatterND", [array, rows, updates[:len(rows)]], [result])


def scatter_elements(random, name):
    for shape in ((5,), (3, 4), (2, 3, 4)):
        for axis in range(-len(shape), len(shape)):
            array = random_array(random, name, shape)
            at = numpy.argsort(random.random(shape), axis=axis).astype(numpy.int64)
            updates = random_array(random, name, shape)
            result = array.copy()
            numpy.put_along_axis(result, at, updates, axis)
            yield Case("ScatterElements", [array, at, updates], [result], {"axis": axis})


def repeats(random, name):
    for shape in SHAPES:
        array = random_array(random, name, shape)
        times = indices(*random.integers(0, 3, len(shape)))
        yield Case("Tile", [array, times], [numpy.tile(array, times)])
    for shape, wanted in (((3, 1), (2, 1, 4)), ((1,), (0,)), ((), (2, 3)), ((2, 3), (1, 1)), ((1, 5), (70, 5))):
        array = random_array(random, name, shape)
        expected = numpy.broadcast_to(array, numpy.broadcast_shapes(shape, wanted))
        yield Case("Expand", [array, indices(*wanted)], [numpy.ascontiguousarray(expected)])


def pads(random, name):
    for shape in ((5,), (3, 4), (2, 3, 4)):
        array = random_array(random, name, shape)
        for mode in ("constant", "edge", "reflect", "wrap"):
            begin = random.integers(0, 2, len(shape))
            end = random.integers(0, 2, len(shape))
            filler = random_array(random, name, ())
            keywords = {"constant_values": filler} if mode == "constant" else {}
            expected = numpy.pad(array, list(zip(begin, end)), mode, **keywords)
            inputs = [array, indices(*begin, *end)] + ([filler] if mode == "constant" else [])
            yield Case("Pad", inputs, [expected.astype(array.dtype)], {"mode": mode})


def blocks(random, name):
    array = random_array(random, name, (2, 8, 2, 3))
    split = array.reshape(2, 2, 2, 2, 2, 3)
    yield Case("DepthToSpace", [array], [split.transpose(0, 3, 4, 1, 5, 2).reshape(2, 2, 4, 6)], {"blocksize": 2})
    split = array.reshape(2, 2, 2, 2, 2, 3)
    yield Case("DepthToSpace", [array], [split.transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 4, 6)],
               {"blocksize": 2, "mode": "CRD"})
    array = random_array(random, name, (1, 2, 4, 6))
    split = array.reshape(1, 2, 2, 2, 3, 2)
    yield Case("SpaceToDepth", [array], [split.transpose(0, 3, 5, 1, 2, 4).reshape(1, 8, 2, 3)], {"blocksize": 2})


def chosen(random, name):
    for shape in ((6,), (3, 4)):
        array = random_array(random, name, shape)
        for axis in [None, *range(-len(shape), len(shape))]:
            length = array.size if axis is None else shape[axis]
            condition = random_array(random, "bool", (length,))
            attributes = {} if axis is None else {"axis": axis}
            yield Case("Compress", [array, condition], [numpy.compress(condition, array, axis=axis)], attributes)
    if name != "string":
        array = random_array(random, name, (4, 5))
        for upper, k in itertools.product((0, 1), (-6, -1, 0, 2, 6)):
            expected = (numpy.triu if upper else numpy.tril)(array, k)
            yield Case("Trilu", [array, numpy.array(k, dtype=numpy.int64)], [expected], {"upper": upper})
    lengths = indices(2, 5, 1, 3)
    array = random_array(random, name, (5, 4))
    expected = array.copy()
    for column, length in enumerate(lengths):
        expected[:length, column] = array[:length, column][::-1]
    yield Case("ReverseSequence", [array, lengths], [expected], {"time_axis": 0, "batch_axis": 1})


def one_hot(random):
    for name in NUMBERS:
        for axis in (-1, 0, 1):
            at = random.integers(-5, 5, (2, 3)).astype(numpy.int64)
            values = numpy.array([2, 7]).astype(random_array(random, name, ()).dtype)
            hot = numpy.eye(5, dtype=int)[at % 5]
            expected = numpy.moveaxis(values[hot], -1, axis)
            yield Case("OneHot", [at, numpy.array(5, dtype=numpy.int64), values],
                       [numpy.ascontiguousarray(expected)], {"axis": axis}, note=name)


def non_zero(random):
    for name in NUMBERS + ["bool"]:
        for shape in ((5,), (3, 4), (2, 3, 4), (0, 2)):
            array = random_array(random, name, shape, -1, 1)
            expected = numpy.stack(numpy.nonzero(array)).astype(numpy.int64)
            yield Case("NonZero", [array], [expected], note=name)


def cases(random):
    for name in MOVABLE:
        for family in (transpose, reshape, concat_and_split, slices, gathers, scatter_elements, repeats, pads, blocks,
                       chosen):
            for case in family(random, name):
                if name.startswith("complex") and case.operator in ("Trilu",):
                    continue
                case.note = name
                yield case
    yield from one_hot(random)
    yield from non_zero(random)
