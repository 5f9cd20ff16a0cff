"""Matrix products and normalisations, against NumPy in double precision."""

import itertools

import numpy

from cases import Case, FLOATS, dtype, exact, random_array

WIDE = FLOATS + ["int32", "int64", "uint32", "uint64"]
# As the attribute has it, which is f32.
EPSILON = float(numpy.float32(1e-3))
# Relative to the largest element of the result: sums of products lose small ones.
OF_LARGEST = {"float16": 1.5e-3, "bfloat16": 1.2e-2, "float32": 1e-6, "float64": 1e-14}

# Relative to the sum of the products' sizes, for what additions lose: four roundings.
OF_SUMMANDS = {"float32": 2.4e-7, "float64": 4.5e-16}


def judged(operator, inputs, expected, name, attributes=None, summands=0.0):
    """`summands`: the largest sum of the sizes of what was added up."""
    expected = numpy.asarray(expected)
    bound = OF_LARGEST.get(name, 0) * float(numpy.abs(expected).max(initial=0)) + OF_SUMMANDS.get(name, 0) * summands
    return Case(operator, inputs, [expected.astype(dtype(name))], attributes or {}, absolute=bound, note=name)


def products(random):
    shapes = [((3, 4), (4, 5)), ((1, 1), (1, 1)), ((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((2, 3, 4), (4, 5)),
              ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((3, 0), (0, 2)), ((0, 3), (3, 2)), ((1, 300), (300, 1)),
              ((7, 33), (33, 17)), ((2, 65), (65, 100)), ((1, 513), (513, 3)), ((49, 1), (1, 50))]
    for name in WIDE:
        for left, right in shapes:
            a, b = random_array(random, name, left), random_array(random, name, right)
            summands = numpy.matmul(numpy.abs(exact(a)), numpy.abs(exact(b))).max(initial=0)
            yield judged("MatMul", [a, b], numpy.matmul(exact(a), exact(b)), name, summands=float(summands))


def gemms(random):
    for name in WIDE:
        for trans_a, trans_b, bias in itertools.product((0, 1), (0, 1), (None, (), (5,), (3, 1), (1, 5), (3, 5))):
            a = random_array(random, name, (4, 3) if trans_a else (3, 4))
            b = random_array(random, name, (5, 4) if trans_b else (4, 5))
            product = (exact(a).T if trans_a else exact(a)) @ (exact(b).T if trans_b else exact(b))
            attributes = {"transA": trans_a, "transB": trans_b}
            inputs = [a, b]
            if name in FLOATS:
                attributes |= {"alpha": 0.5, "beta": 2.0}
                product = product * 0.5
            if bias is not None:
                c = random_array(random, name, bias)
                inputs.append(c)
                product = product + (2.0 if name in FLOATS else 1) * exact(c)
            yield judged("Gemm", inputs, product, name, attributes)


def softmaxes(random):
    def soft(x, axis):
        powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    for name in FLOATS:
        for shape in ((1,), (7,), (3, 5), (2, 3, 4), (2, 1000), (5, 1, 3)):
            array = random_array(random, name, shape, -20, 20)
            for axis in range(-len(shape), len(shape)):
                values = soft(exact(array), axis)
                yield judged("Softmax", [array], values, name, {"axis": axis})
                yield judged("LogSoftmax", [array], numpy.log(values), name, {"axis": axis})
                hard = numpy.zeros(shape)
                first = numpy.expand_dims(numpy.argmax(exact(array), axis=axis), axis)
                numpy.put_along_axis(hard, first, 1, axis)
                yield judged("Hardmax", [array], hard, name, {"axis": axis})


def normalisations(random):
    for name in FLOATS:
        for shape in ((4,), (3, 5), (2, 3, 4), (2, 2, 3, 5)):
            array = random_array(random, name, shape)
            for axis in range(-len(shape), len(shape)):
                axes = tuple(range(axis % len(shape), len(shape)))
                scale = random_array(random, name, shape[axis % len(shape):])
                bias = random_array(random, name, shape[axis % len(shape):])
                x = exact(array)
                centred = x - x.mean(axis=axes, keepdims=True)
                spread = numpy.sqrt((centred ** 2).mean(axis=axes, keepdims=True) + EPSILON)
                attributes = {"axis": axis, "epsilon": EPSILON}
                yield judged("LayerNormalization", [array, scale, bias],
                             centred / spread * exact(scale) + exact(bias), name, attributes)
                root = numpy.sqrt((x ** 2).mean(axis=axes, keepdims=True) + EPSILON)
                yield judged("RMSNormalization", [array, scale], x / root * exact(scale), name, attributes)
                if axis < 0:
                    for p in (1, 2):
                        norm = numpy.linalg.norm(x, p, axis=axis, keepdims=True)
                        yield judged("LpNormalization", [array], x / norm, name, {"axis": axis, "p": p})


def per_channel(random):
    for name in FLOATS:
        for shape in ((2, 4, 3), (1, 4, 2, 5), (2, 4, 2, 2, 3)):
            array = random_array(random, name, shape)
            scale, bias, mean = (random_array(random, name, (4,)) for _ in range(3))
            variance = random_array(random, name, (4,), 0.5, 2)
            wide = lambda values: exact(values).reshape((1, 4) + (1,) * (len(shape) - 2))
            x = exact(array)
            expected = (x - wide(mean)) / numpy.sqrt(wide(variance) + EPSILON) * wide(scale) + wide(bias)
            yield judged("BatchNormalization", [array, scale, bias, mean, variance], expected, name,
                         {"epsilon": EPSILON})
            axes = tuple(range(2, len(shape)))
            centred = x - x.mean(axis=axes, keepdims=True)
            spread = numpy.sqrt((centred ** 2).mean(axis=axes, keepdims=True) + EPSILON)
            yield judged("InstanceNormalization", [array, scale, bias],
                         centred / spread * wide(scale) + wide(bias), name, {"epsilon": EPSILON})
            grouped = x.reshape((shape[0], 2, -1))
            centred = grouped - grouped.mean(axis=2, keepdims=True)
            spread = numpy.sqrt((centred ** 2).mean(axis=2, keepdims=True) + EPSILON)
            yield judged("GroupNormalization", [array, scale, bias],
                         (centred / spread).reshape(shape) * wide(scale) + wide(bias), name,
                         {"epsilon": EPSILON, "num_groups": 2})


def cases(random):
    with numpy.errstate(all="ignore"):
        for family in (products, gemms, softmaxes, normalisations, per_channel):
            yield from family(random)
