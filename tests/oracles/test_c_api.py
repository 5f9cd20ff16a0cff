"""The C API from another language: every element type goes in and comes out bit by bit, and both backends compute
what PyTorch computes."""

import numpy
import onnx
import pytest
from onnx import TensorProto, helper

import c_api
import command_line
import pytorch_srcnn
from closeness import assert_close
from command_line import ROOT

TOLERANCE = 1e-5
COUNT = 9  # odd, so that packed types leave part of their last byte unused
BITS = {"COMPLEX128": 128, "DOUBLE": 64, "INT64": 64, "UINT64": 64, "COMPLEX64": 64, "FLOAT": 32, "INT32": 32,
        "UINT32": 32, "FLOAT16": 16, "BFLOAT16": 16, "INT16": 16, "UINT16": 16, "INT4": 4, "UINT4": 4,
        "FLOAT4E2M1": 4, "INT2": 2, "UINT2": 2}  # all others: 8
TYPES = [name for name in TensorProto.DataType.keys() if name not in ("UNDEFINED", "STRING")]


@pytest.fixture(scope="module")
def library():
    return c_api.Library(command_line.find("SLIPWAY_LIBRARY", "build/release/libslipway.so"))


@pytest.fixture(params=["native", "onnxruntime"])
def backend(request):
    options = {"backend": request.param.encode()}
    if request.param == "onnxruntime":
        options["library"] = str(command_line.onnxruntime_library()).encode()
    return options


@pytest.mark.parametrize("name", TYPES)
def test_every_element_type_passes_through(library, tmp_path, name):
    number = TensorProto.DataType.Value(name)
    value = helper.make_tensor_value_info
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "identity",
                              [value("x", number, ["n"])], [value("y", number, ["n"])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)]), tmp_path / "identity.onnx")
    size = (COUNT * BITS.get(name, 8) + 7) // 8
    data = numpy.random.default_rng(7).integers(0, 2 if name == "BOOL" else 256, size, dtype=numpy.uint8).tobytes()
    model = library.load(tmp_path / "identity.onnx")
    outputs = library.run(model, {"x": (number, [COUNT], data)}, ["y"])
    library.free_model(model)
    assert outputs == {"y": (number, [COUNT], data)}


def test_equals_pytorch(library, backend, srcnn):
    picture = pytorch_srcnn.smooth(24, 31)
    model = library.load(srcnn, **backend)
    outputs = library.run(model, {"input": (TensorProto.FLOAT, picture.shape, picture.tobytes())}, ["output"])
    library.free_model(model)
    element_type, dims, data = outputs["output"]
    assert element_type == TensorProto.FLOAT
    output = numpy.frombuffer(data, numpy.float32).reshape(dims)
    assert_close(output, pytorch_srcnn.expected(picture), TOLERANCE)


def test_results_are_the_callers(library, backend):
    model = library.load(ROOT / "tests/golden/api/ports.onnx", **backend)
    numbers = numpy.array([[1, 2, 3]], numpy.float32)
    tensor = (TensorProto.FLOAT, [1, 3], numbers.tobytes())
    outputs = library.run(model, {"a": tensor, "b": tensor}, ["constant", "same", "sum"])
    library.free_model(model)
    assert outputs["same"] == tensor
    assert outputs["sum"] == (TensorProto.FLOAT, [1, 3], (4 * numbers).tobytes())
    assert outputs["constant"] == (TensorProto.INT64, [2], numpy.array([11, -5]).tobytes())


def test_what_does_not_fit_is_named(library, backend):
    model = library.load(ROOT / "tests/golden/api/ports.onnx", **backend)
    tensor = (TensorProto.FLOAT, [1, 3], bytes(12))
    with pytest.raises(c_api.ApiError, match=r"input 'b'.*axis 1 has size 2") as caught:
        library.run(model, {"a": tensor, "b": (TensorProto.FLOAT, [1, 2], bytes(8))}, ["sum"])
    assert caught.value.status == c_api.INVALID_ARGUMENT
    with pytest.raises(c_api.ApiError, match="no output 'total'"):
        library.run(model, {"a": tensor, "b": tensor}, ["total"])
    library.free_model(model)
