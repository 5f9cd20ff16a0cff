"""DFT in f32 and f64, of lengths with every kind of factor, beside NumPy's own transforms of the same precision; what is
true comes from NumPy in the next wider one."""

import numpy
import onnx
import pytest
from onnx import TensorProto, helper

# Primes within the radices and beyond them, powers of two, products, and both neighbours of the limit.
LENGTHS = [1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 29, 31, 37, 97, 120, 128, 210, 1009, 1024, 2310, 4096, 10007]
PRECISIONS = [(TensorProto.FLOAT, numpy.float32, numpy.complex64, numpy.complex128),
              (TensorProto.DOUBLE, numpy.float64, numpy.complex128, numpy.clongdouble)]


def model_of(element_type, inverse):
    nodes = [helper.make_node("DFT", ["x", "", "axis"], ["y"], inverse=inverse)]
    signal = [helper.make_tensor_value_info(name, element_type, ["lines", "n", 2]) for name in "xy"]
    graph = helper.make_graph(nodes, "dft", signal[:1], signal[1:],
                              [helper.make_tensor("axis", TensorProto.INT64, [], [1])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def as_complex(array, complex_type):
    return array[..., 0].astype(complex_type) + 1j * array[..., 1].astype(complex_type)


def error(found, true):
    """Relative, of all numbers together."""
    return float(numpy.sqrt((numpy.abs(found - true) ** 2).sum() / (numpy.abs(true) ** 2).sum()))


@pytest.mark.parametrize("inverse", [0, 1])
@pytest.mark.parametrize(("element_type", "real", "own", "wider"), PRECISIONS)
def test_is_as_exact_as_numpys_of_the_same_precision(slipway, tmp_path, element_type, real, own, wider, inverse):
    onnx.save(model_of(element_type, inverse), tmp_path / "dft.onnx")
    random = numpy.random.default_rng(11)
    for length in LENGTHS:
        signal = random.normal(size=(20, length, 2)).astype(real)
        found = as_complex(slipway.run_tensors(tmp_path / "dft.onnx", {"x": signal})["y"], wider)
        true = (numpy.fft.ifft if inverse else numpy.fft.fft)(as_complex(signal, wider))
        # The inverse, since NumPy's forward transform of f32 is one of f64 that is rounded at its end.
        beside = as_complex(signal, own)
        numpys = error(numpy.fft.ifft(beside), numpy.fft.ifft(beside.astype(wider)))
        assert error(found, true) <= 1.7 * numpys + numpy.finfo(real).eps / 8, length
