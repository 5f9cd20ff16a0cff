"""Unary, binary and comparing operators, against NumPy in double precision or exact integers."""

import numpy
from scipy import special

from cases import Case, FLOATS, NUMBERS, RELATIVE, SHAPES, SIGNED, UNSIGNED, dtype, exact, random_array, specials

UNARY = {
    "Exp": numpy.exp, "Log": numpy.log, "Sqrt": numpy.sqrt, "Floor": numpy.floor, "Ceil": numpy.ceil,
    "Round": numpy.rint, "Reciprocal": lambda x: 1 / x, "Sin": numpy.sin, "Cos": numpy.cos, "Tan": numpy.tan,
    "Asin": numpy.arcsin, "Acos": numpy.arccos, "Atan": numpy.arctan, "Sinh": numpy.sinh, "Cosh": numpy.cosh,
    "Asinh": numpy.arcsinh, "Acosh": numpy.arccosh, "Atanh": numpy.arctanh, "Tanh": numpy.tanh,
    "Erf": special.erf, "Sigmoid": special.expit,
    "Relu": lambda x: numpy.where(numpy.isnan(x), x, numpy.maximum(x, 0)),
    "Softplus": lambda x: numpy.logaddexp(0, x),
    "Softsign": lambda x: x / (1 + numpy.abs(x)),
    "Abs": numpy.abs, "Neg": numpy.negative, "Sign": numpy.sign,
}
# Here an evaluation in double precision has errors of its own, or the limit at infinity is a matter of taste.
WITHOUT_SPECIALS = {"Sin", "Cos", "Tan", "Softsign", "Sign"}

ARITHMETIC = {"Add": numpy.add, "Sub": numpy.subtract, "Mul": numpy.multiply}
COMPARISONS = {"Equal": numpy.equal, "Less": numpy.less, "Greater": numpy.greater,
               "LessOrEqual": numpy.less_equal, "GreaterOrEqual": numpy.greater_equal}
EXTREMES = {"Max": numpy.maximum, "Min": numpy.minimum}
LOGIC = {"And": numpy.logical_and, "Or": numpy.logical_or, "Xor": numpy.logical_xor}
BITWISE = {"BitwiseAnd": numpy.bitwise_and, "BitwiseOr": numpy.bitwise_or, "BitwiseXor": numpy.bitwise_xor}
PAIRS = [((), ()), ((3, 4), (3, 4)), ((3, 4), ()), ((), (3, 4)), ((3, 1), (1, 4)), ((2, 3, 4), (4,)),
         ((4,), (2, 3, 4)), ((2, 3, 4), (3, 1)), ((0, 3), (1, 3)), ((1,), (0,)), ((2, 1, 3, 1), (4, 1, 5)),
         ((1, 1), (3, 1000)), ((1, 3, 1), (2, 1, 70))]


def rounded(values, name):
    return numpy.asarray(values).astype(dtype(name))


def unary(random):
    for operator, function in UNARY.items():
        names = FLOATS + (SIGNED if operator in ("Abs", "Neg", "Sign") else []) \
            + (SIGNED if operator == "Relu" else []) + (UNSIGNED if operator in ("Abs", "Sign") else [])
        for name in names:
            for shape in SHAPES:
                array = random_array(random, name, shape)
                yield unary_case(operator, function, array, name)
            if operator not in WITHOUT_SPECIALS:
                yield unary_case(operator, function, specials(name), name, "specials")


def unary_case(operator, function, array, name, note=""):
    expected = rounded(function(exact(array)), name)
    return Case(operator, [array], [expected], relative=RELATIVE.get(name, 0), note=f"{name}_{note}")


def pair_arrays(random, name, special=False):
    for left, right in PAIRS:
        yield random_array(random, name, left), random_array(random, name, right)
    if special:
        numbers = specials(name)
        yield numbers[:, None], numbers[None, :]


def binary(random):
    for operator, function in (ARITHMETIC | EXTREMES).items():
        for name in NUMBERS:
            for a, b in pair_arrays(random, name, special=True):
                expected = rounded(function(exact(a), exact(b)), name)
                yield Case(operator, [a, b], [expected], relative=RELATIVE.get(name, 0), note=name)
    for operator, function in COMPARISONS.items():
        for name in NUMBERS:
            for a, b in pair_arrays(random, name, special=True):
                yield Case(operator, [a, b], [numpy.asarray(function(exact(a), exact(b)))], note=name)
    for operator, function in LOGIC.items():
        for a, b in pair_arrays(random, "bool"):
            yield Case(operator, [a, b], [numpy.asarray(function(a, b))], note="bool")
    for operator, function in BITWISE.items():
        for name in SIGNED + UNSIGNED:
            for a, b in pair_arrays(random, name, special=True):
                yield Case(operator, [a, b], [numpy.asarray(function(a, b)).astype(a.dtype)], note=name)


def division(random):
    """Integers round towards zero; the divisor is never zero there."""
    for name in NUMBERS:
        for a, b in pair_arrays(random, name, special=name in FLOATS):
            if name in FLOATS:
                expected = rounded(exact(a) / exact(b), name)
            else:
                b = numpy.where(b == 0, numpy.ones_like(b), b)
                expected = rounded(numpy.trunc(a.astype(float) / b.astype(float)), name)
            yield Case("Div", [a, b], [expected], relative=RELATIVE.get(name, 0), note=name)


def modulo(random):
    for name in SIGNED + UNSIGNED + FLOATS:
        for a, b in pair_arrays(random, name):
            b = numpy.where(b == 0, numpy.ones_like(b), b)
            if name not in FLOATS:
                yield Case("Mod", [a, b], [numpy.asarray(numpy.mod(a, b)).astype(a.dtype)], note=name)
            expected = rounded(numpy.fmod(exact(a), exact(b)), name)
            yield Case("Mod", [a, b], [expected], {"fmod": 1}, relative=RELATIVE.get(name, 0), note=name)


def where(random):
    for name in NUMBERS + ["bool", "string", "complex64"]:
        for left, right in PAIRS:
            a, b = random_array(random, name, left), random_array(random, name, right)
            condition = random_array(random, "bool", numpy.broadcast_shapes(left, right))
            yield Case("Where", [condition, a, b], [numpy.where(condition, a, b).astype(a.dtype)], note=name)


def clip(random):
    for name in NUMBERS:
        for shape in SHAPES:
            array = random_array(random, name, shape)
            low, high = (numpy.asarray(number).astype(dtype(name)) for number in (1, 2))
            expected = numpy.minimum(numpy.maximum(exact(array), exact(low)), exact(high))
            yield Case("Clip", [array, low, high], [rounded(expected, name)], note=name)
            yield Case("Clip", [array, None, high], [rounded(numpy.minimum(exact(array), exact(high)), name)],
                       note=name)


def shifts(random):
    for name in UNSIGNED:
        bits = dtype(name).itemsize * 8
        for left, right in PAIRS:
            a = random_array(random, name, left, 0, 100)
            by = random_array(random, name, right, 0, bits - 1)
            yield Case("BitShift", [a, by], [numpy.asarray(a << by).astype(a.dtype)], {"direction": "LEFT"},
                       note=name)
            yield Case("BitShift", [a, by], [numpy.asarray(a >> by).astype(a.dtype)], {"direction": "RIGHT"},
                       note=name)


def cases(random):
    with numpy.errstate(all="ignore"):
        for family in (unary, binary, division, modulo, where, clip, shifts):
            yield from family(random)
