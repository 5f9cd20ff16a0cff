"""How far two tensors are apart, as a share of the largest value."""

import numpy


def distance(actual, expected):
    """The largest difference, divided by the largest magnitude in `expected`; infinity for other shapes."""
    if actual.shape != expected.shape:
        return numpy.inf
    if expected.size == 0:
        return 0.0
    expected = expected.astype(numpy.float64)
    difference = numpy.abs(actual.astype(numpy.float64) - expected)
    if not numpy.isfinite(difference).all():
        return numpy.inf
    largest = numpy.abs(expected).max()
    return float(difference.max() / largest) if largest > 0 else float(difference.max())


def assert_close(actual, expected, tolerance):
    assert actual.shape == expected.shape
    assert distance(actual, expected) <= tolerance
