"""Models of one operator, in the standard's test layout, with what ONNX Runtime makes of them."""

import json
import re

import onnx
import onnxruntime
from exact_options import exact_options
from onnx import helper, numpy_helper


def model_of(operator, inputs, attributes, outputs, opset, domain=""):
    """Absent inputs are None; `outputs` says which outputs are wanted: a number, or a string like "y-y"."""
    names = [f"i{place}" if array is not None else "" for place, array in enumerate(inputs)]
    wanted = "y" * outputs if isinstance(outputs, int) else outputs
    outs = [f"o{place}" if one == "y" else "" for place, one in enumerate(wanted)]
    graph = helper.make_graph(
        [helper.make_node(operator, names, outs, domain=domain, **attributes)], "case",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
         for name, array in zip(names, inputs) if name],
        [helper.make_empty_tensor_value_info(out) for out in outs if out])
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def state_output_types(model, session):
    """Slipway and ONNX Runtime infer them; ONNX wants files to say them."""
    for out, known in zip(model.graph.output, session.get_outputs()):
        kind = re.fullmatch(r"tensor\((\w+)\)", known.type).group(1)
        number = onnx.TensorProto.DataType.Value(kind.upper())
        out.CopyFrom(helper.make_tensor_value_info(out.name, number, None))


def write(folder, model, inputs, rtol=1e-5, atol=1e-6):
    """The model and what ONNX Runtime makes of the inputs, in the standard's test layout."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), exact_options(), providers=["CPUExecutionProvider"])
    given = [array for array in inputs if array is not None]
    outputs = session.run(None, {one.name: array for one, array in zip(session.get_inputs(), given)})
    state_output_types(model, session)
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "data.json").write_text(json.dumps({"rtol": rtol, "atol": atol}))
    for kind, arrays in (("input", given), ("output", outputs)):
        for place, array in enumerate(arrays):
            (data / f"{kind}_{place}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())


def failures(slipway, folder, expected):
    """What `slipway test` says of the tests below a folder that did not pass."""
    tests = json.loads(slipway.attempt("test", folder, "--json").stdout)["tests"]
    assert len(tests) == expected
    return [f"{test['name']}: {test['reason']}" for test in tests if test["result"] != "passed"]
