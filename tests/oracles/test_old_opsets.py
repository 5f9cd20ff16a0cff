"""Operators as older opsets have them, whose attributes became inputs or whose meaning changed, against ONNX Runtime,
which runs those versions as they are."""

import json

import numpy
import onnx
import onnxruntime
from onnx import helper, numpy_helper

RANDOM = numpy.random.default_rng(5)


def floats(*shape):
    return RANDOM.normal(size=shape).astype(numpy.float32)


def below(limit, *shape):
    return RANDOM.integers(0, limit, shape)


REDUCTIONS = ["ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
              "ReduceSum", "ReduceSumSquare"]
# Operator, opset, inputs, attributes, number of outputs.
CASES = [
    ("GroupNormalization", 18, [floats(2, 6, 3, 2), floats(3), floats(3)], {"num_groups": 3}, 1),
    ("Hardmax", 7, [floats(2, 3, 4)], {}, 1),
    ("InstanceNormalization", 7, [floats(2, 3, 4), floats(3), floats(3)], {}, 1),
    ("LpNormalization", 7, [floats(2, 3, 4)], {"axis": 1, "p": 1}, 1),
    ("OneHot", 9, [below(4, 3), numpy.array(4), floats(2)], {"axis": 0}, 1),
    ("Scatter", 9, [floats(3, 4), below(3, 1, 4), floats(1, 4)], {}, 1),
    ("Scatter", 9, [floats(3, 4), below(4, 3, 1), floats(3, 1)], {"axis": 1}, 1),
    ("TopK", 9, [floats(3, 5)], {"k": 2, "axis": 0}, 2),
    ("TopK", 9, [floats(3, 5)], {"k": 3}, 2),
    ("TopK", 10, [floats(3, 5), numpy.array([2])], {}, 2),
    *[(operator, opset, [floats(3, 4, 2)], attributes, 1)
      for operator in REDUCTIONS for opset in (7, 11, 12) for attributes in ({}, {"axes": [0, 2], "keepdims": 0})],
]


def model_of(operator, opset, inputs, attributes, outputs):
    names = [f"i{place}" for place in range(len(inputs))]
    outs = [f"o{place}" for place in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node(operator, names, outs, **attributes)], "case",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
         for name, array in zip(names, inputs)],
        [helper.make_tensor_value_info(out, kind, None)
         for out, kind in zip(outs, (onnx.TensorProto.FLOAT, onnx.TensorProto.INT64))])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write(folder, model, inputs):
    """The model and what ONNX Runtime makes of the inputs, in the standard's test layout."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {one.name: array for one, array in zip(session.get_inputs(), inputs)})
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "data.json").write_text(json.dumps({"rtol": 1e-5, "atol": 1e-6}))
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for place, array in enumerate(arrays):
            (data / f"{kind}_{place}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())


def test_old_operators_mean_what_they_meant(slipway, tmp_path):
    for place, (operator, opset, inputs, attributes, outputs) in enumerate(CASES):
        write(tmp_path / f"{place}_{operator}_{opset}", model_of(operator, opset, inputs, attributes, outputs), inputs)
    tests = json.loads(slipway.attempt("test", tmp_path, "--json").stdout)["tests"]
    assert len(tests) == len(CASES)
    assert not [f"{test['name']}: {test['reason']}" for test in tests if test["result"] != "passed"]
