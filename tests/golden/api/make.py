"""Writes the models that the tests of the C API run, with onnx's own package:
python tests/golden/api/make.py, with build/oracles/bin/python."""
from pathlib import Path

import onnx
from onnx import TensorProto as T, helper as h

FOLDER = Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers=(), functions=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    opsets = [h.make_opsetid("", 17), h.make_opsetid("example", 1)]
    model = h.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)
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
identity = [h.make_node("Identity", ["x"], ["y"])]
save("strings", identity, [value("x", T.STRING, ["n"])], [value("y", T.STRING, ["n"])])
save("bool", [h.make_node("Not", ["x"], ["y"])], [value("x", T.BOOL, ["n"])], [value("y", T.BOOL, ["n"])])
# With a function, for which other code runs the model; all that comes out is what there is already.
save(
    "function",
    [
        h.make_node("Pass", ["a"], ["through"], domain="example"),
        h.make_node("Pass", ["weight"], ["fixed"], domain="example"),
        h.make_node("Identity", ["a"], ["same"]),
        h.make_node("Identity", ["weight"], ["constant"]),
    ],
    [value("a", T.FLOAT, ["n"])],
    [value(name, T.FLOAT, ["n"]) for name in ("through", "same")]
    + [value(name, T.INT64, [2]) for name in ("fixed", "constant")],
    [h.make_tensor("weight", T.INT64, [2], [11, -5])],
    [
        h.make_function(
            "example", "Pass", ["x"], ["y"], [h.make_node("Identity", ["x"], ["y"])], [h.make_opsetid("", 17)]
        )
    ],
)
sequence = h.make_tensor_sequence_value_info
save("sequence", identity, [sequence("x", T.FLOAT, ["n"])], [sequence("y", T.FLOAT, ["n"])])
save(
    "unsupported",
    [h.make_node("Nonsense", ["x"], ["y"], name="strange", domain="example")],
    [value("x", T.FLOAT, ["n"])],
    [value("y", T.FLOAT, ["n"])],
)
