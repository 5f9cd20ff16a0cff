"""Writes the models that the tests of the C API run, with onnx's own package:
python tests/golden/api/make.py, with build/oracles/bin/python."""
from pathlib import Path

import onnx
from onnx import TensorProto as T, helper as h

FOLDER = Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("example", 1)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def value(name, element, shape):
    return h.make_tensor_value_info(name, element, shape)


# Two inputs of one batch, one with a default; an output that is an input, one that is a weight, one computed.
save(
    "ports",
    [
        h.make_node("Add", ["a", "b"], ["added"]),
        h.make_node("Mul", ["added", "scale"], ["sum"]),
        h.make_node("Identity", ["a"], ["same"]),
        h.make_node("Identity", ["weight"], ["constant"]),
    ],
    [value("a", T.FLOAT, ["batch", 3]), value("b", T.FLOAT, ["batch", 3]), value("scale", T.FLOAT, [])],
    [value("sum", T.FLOAT, ["batch", 3]), value("same", T.FLOAT, ["batch", 3]), value("constant", T.INT64, [2])],
    [h.make_tensor("scale", T.FLOAT, [], [2.0]), h.make_tensor("weight", T.INT64, [2], [11, -5])],
)
save("strings", [h.make_node("Identity", ["x"], ["y"])], [value("x", T.STRING, ["n"])], [value("y", T.STRING, ["n"])])
save("bool", [h.make_node("Not", ["x"], ["y"])], [value("x", T.BOOL, ["n"])], [value("y", T.BOOL, ["n"])])
sequence = h.make_tensor_sequence_value_info
save("sequence", [h.make_node("Identity", ["x"], ["y"])], [sequence("x", T.FLOAT, ["n"])], [sequence("y", T.FLOAT, ["n"])])
save(
    "unsupported",
    [h.make_node("Nonsense", ["x"], ["y"], name="strange", domain="example")],
    [value("x", T.FLOAT, ["n"])],
    [value("y", T.FLOAT, ["n"])],
)
