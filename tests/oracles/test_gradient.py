"""The operator Gradient against PyTorch's autograd, in double: every rule, broadcasting, several uses of a value,
values that are not those of the forward pass, derivatives of derivatives, and what is refused."""

import functools
import json
import pathlib
import re

import numpy
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "ai.onnx.preview.training"
RANDOM = numpy.random.default_rng(29)


def normal(*shape):
    return RANDOM.normal(size=shape)


def positive(*shape):
    return RANDOM.uniform(0.3, 2, size=shape)


def within(*shape):
    """Inside (-1, 1)."""
    return RANDOM.uniform(-0.9, 0.9, size=shape)


def node(operator, inputs, outputs=("f",), **attributes):
    return helper.make_node(operator, list(inputs), list(outputs), **attributes)


def ints(*numbers):
    return numpy.array(numbers, numpy.int64)


def gradient_model(nodes, values, wanted, constants, shapes=True):
    """A model of y = weight · f and the gradient of y with regard to the wanted values."""
    nodes = [*nodes, node("Mul", ["f", "weight"], ["y"])]
    gradient = helper.make_node("Gradient", [*wanted, *(name for name in values if name not in wanted)],
                                [f"d_{name}" for name in wanted], domain=DOMAIN, xs=wanted, y="y",
                                **({"zs": rest} if (rest := [n for n in values if n not in wanted]) else {}))

    def info(name, array):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype),
                                             array.shape if shapes else [None] * array.ndim)
    graph = helper.make_graph(
        [*nodes, gradient], "gradient", [info(name, array) for name, array in values.items()],
        [helper.make_tensor_value_info(f"d_{name}", TensorProto.DOUBLE, None) for name in wanted],
        [numpy_helper.from_array(array, name) for name, array in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(DOMAIN, 1)],
                             ir_version=10)


def torchs(function, values, wanted, weight):
    tensors = {name: torch.tensor(array, requires_grad=name in wanted) for name, array in values.items()}
    y = (function(*tensors.values()) * torch.tensor(weight)).sum()
    found = torch.autograd.grad(y, [tensors[name] for name in wanted], allow_unused=True)
    return [numpy.zeros_like(values[name]) if one is None else one.numpy() for name, one in zip(wanted, found)]


def unary(operator, function, maker=normal, **attributes):
    return operator, [node(operator, ["a"], **attributes)], function, {"a": maker(3, 4)}, {}


def binary(operator, function, a, b):
    return operator, [node(operator, ["a", "b"])], function, {"a": a, "b": b}, {}


def reduction(operator, function, maker=normal, **attributes):
    return (operator, [node(operator, ["a", "axes"], **attributes)], function, {"a": maker(2, 3, 4)},
            {"axes": ints(0, -1)})


def over(function):
    return lambda a: function(a, dim=(0, 2), keepdim=False)


TIES = numpy.array([[1.0, 2.0, 2.0], [3.0, -1.0, 3.0]])
CASES = [
    unary("Abs", torch.abs), unary("Neg", torch.neg), unary("Exp", torch.exp), unary("Log", torch.log, positive),
    unary("Sqrt", torch.sqrt, positive), unary("Reciprocal", torch.reciprocal, positive),
    unary("Sin", torch.sin), unary("Cos", torch.cos), unary("Tan", torch.tan), unary("Sinh", torch.sinh),
    unary("Cosh", torch.cosh), unary("Tanh", torch.tanh), unary("Asin", torch.asin, within),
    unary("Acos", torch.acos, within), unary("Atan", torch.atan), unary("Sigmoid", torch.sigmoid),
    unary("Erf", torch.erf), unary("Relu", torch.relu), unary("Softplus", torch.nn.functional.softplus),
    unary("Softsign", torch.nn.functional.softsign), unary("Identity", lambda a: a),
    unary("LeakyRelu", functools.partial(torch.nn.functional.leaky_relu, negative_slope=0.25), alpha=0.25),
    unary("Elu", functools.partial(torch.nn.functional.elu, alpha=1.5), alpha=1.5),
    unary("Floor", torch.floor),
    ("Cast", [node("Cast", ["a"], ["short"], to=TensorProto.FLOAT), node("Cast", ["short"], to=TensorProto.DOUBLE)],
     lambda a: a.float().double(), {"a": normal(3, 4)}, {}),
    ("CastLike", [node("CastLike", ["a", "half"], ["short"]), node("CastLike", ["short", "a"])],
     lambda a: a.half().double(), {"a": normal(3, 4)}, {"half": numpy.zeros((), numpy.float16)}),
    unary("Softmax", functools.partial(torch.softmax, dim=0), axis=0),
    unary("LogSoftmax", functools.partial(torch.log_softmax, dim=-1)),
    unary("Transpose", lambda a: a.T), unary("Flatten", lambda a: a.reshape(1, 12), axis=0),
    ("Clip", [node("Clip", ["a", "low", "high"])], lambda a: torch.clamp(a, -0.5, 0.7), {"a": normal(3, 4)},
     {"low": numpy.array(-0.5), "high": numpy.array(0.7)}),
    binary("Add", torch.add, normal(2, 1, 4), normal(3, 1)), binary("Sub", torch.sub, normal(4), normal(2, 3, 4)),
    binary("Mul", torch.mul, normal(2, 3), normal(2, 3)), binary("Div", torch.div, normal(2, 3), positive(3)),
    binary("Pow", torch.pow, positive(2, 3), normal(2, 1)),
    binary("Pow", torch.pow, normal(2, 3), numpy.array([0.0, 2.0, 3.0])[None] + numpy.zeros((1, 3))),
    binary("Max", torch.maximum, normal(2, 3), normal(3)), binary("Min", torch.minimum, TIES, TIES[::-1].copy()),
    ("Sum", [node("Sum", ["a", "b", "c"])], lambda a, b, c: a + b + c,
     {"a": normal(3), "b": normal(2, 3), "c": normal(1, 1)}, {}),
    ("Mean", [node("Mean", ["a", "b", "c"])], lambda a, b, c: (a + b + c) / 3,
     {"a": normal(3), "b": normal(2, 3), "c": normal(1, 1)}, {}),
    ("Where", [node("Where", ["chosen", "a", "b"])],
     lambda a, b: torch.where(torch.tensor([True, False, True]), a, b), {"a": normal(2, 3), "b": normal(1)},
     {"chosen": numpy.array([True, False, True])}),
    binary("MatMul", torch.matmul, normal(3, 4), normal(4, 2)),
    binary("MatMul", torch.matmul, normal(5, 1, 3, 4), normal(2, 4, 2)),
    binary("MatMul", torch.matmul, normal(4), normal(5, 4, 2)),
    binary("MatMul", torch.matmul, normal(5, 3, 4), normal(4)),
    binary("MatMul", torch.matmul, normal(4), normal(4)),
    *[("Gemm", [node("Gemm", ["a", "b", "c"], transA=ta, transB=tb, alpha=0.5, beta=2.0)],
       lambda a, b, c, ta=ta, tb=tb: 0.5 * (a.T if ta else a) @ (b.T if tb else b) + 2 * c,
       {"a": normal(*((4, 3) if ta else (3, 4))), "b": normal(*((2, 4) if tb else (4, 2))), "c": normal(2)}, {})
      for ta in (0, 1) for tb in (0, 1)],
    *[case for keep in (0, 1) for case in (
        reduction("ReduceSum", lambda a, keep=keep: torch.sum(a, (0, 2), keepdim=bool(keep)), keepdims=keep),
        reduction("ReduceMean", lambda a, keep=keep: torch.mean(a, (0, 2), keepdim=bool(keep)), keepdims=keep),
        reduction("ReduceL1", lambda a, keep=keep: a.abs().sum((0, 2), keepdim=bool(keep)), keepdims=keep),
        reduction("ReduceL2", lambda a, keep=keep: torch.linalg.vector_norm(a, dim=(0, 2), keepdim=bool(keep)),
                  keepdims=keep),
        reduction("ReduceSumSquare", lambda a, keep=keep: (a * a).sum((0, 2), keepdim=bool(keep)), keepdims=keep),
        reduction("ReduceLogSum", lambda a, keep=keep: a.sum((0, 2), keepdim=bool(keep)).log(), positive,
                  keepdims=keep),
        reduction("ReduceLogSumExp", lambda a, keep=keep: torch.logsumexp(a, (0, 2), keepdim=bool(keep)),
                  keepdims=keep),
        reduction("ReduceMax", lambda a, keep=keep: torch.amax(a, (0, 2), keepdim=bool(keep)),
                  lambda *shape: numpy.round(normal(*shape)), keepdims=keep),
        reduction("ReduceMin", lambda a, keep=keep: torch.amin(a, (0, 2), keepdim=bool(keep)), keepdims=keep))],
    ("ReduceSum", [node("ReduceSum", ["a"], keepdims=0)], torch.sum, {"a": normal(2, 3)}, {}),
    ("ReduceMean", [node("ReduceMean", ["a"], noop_with_empty_axes=1)], lambda a: a, {"a": normal(2, 3)}, {}),
    ("Reshape", [node("Reshape", ["a", "shape"])], lambda a: a.reshape(3, 4), {"a": normal(2, 6)},
     {"shape": ints(3, -1)}),
    ("Squeeze", [node("Squeeze", ["a"])], torch.squeeze, {"a": normal(2, 1, 3)}, {}),
    ("Unsqueeze", [node("Unsqueeze", ["a", "axes"])], lambda a: a[None, ..., None], {"a": normal(2, 3)},
     {"axes": ints(0, -1)}),
    ("Expand", [node("Expand", ["a", "shape"])], lambda a: a.expand(4, 2, 3), {"a": normal(2, 1)},
     {"shape": ints(4, 1, 3)}),
    ("Transpose", [node("Transpose", ["a"], perm=[2, 0, 1])], lambda a: a.permute(2, 0, 1), {"a": normal(2, 3, 4)}, {}),
    *[("Concat", [node("Concat", ["a", "b"], axis=axis)], lambda a, b, axis=axis: torch.cat([a, b], axis),
       {"a": normal(2, 3), "b": normal(2, 3)}, {}) for axis in (0, 1, -1, -2)],
    ("Split", [node("Split", ["a"], ["p", "q"], axis=1, num_outputs=2), node("Mul", ["p", "p"])],
     lambda a: a[:, :2] ** 2, {"a": normal(3, 4)}, {}),
    ("Slice", [node("Slice", ["a", "starts", "ends", "axes", "steps"])], lambda a: a[:, 1::2].flip(0),
     {"a": normal(3, 5)}, {"starts": ints(-1, 1), "ends": ints(-9, 9), "axes": ints(0, 1), "steps": ints(-1, 2)}),
    ("Gather", [node("Gather", ["a", "indices"], axis=1)], lambda a: a[:, torch.tensor([[1, 0], [1, 1]])],
     {"a": normal(2, 3)}, {"indices": numpy.array([[1, 0], [1, 1]])}),
    ("GatherElements", [node("GatherElements", ["a", "indices"], axis=1)],
     lambda a: torch.gather(a, 1, torch.tensor([[0, 0], [2, 1]])), {"a": normal(2, 3)},
     {"indices": numpy.array([[0, 0], [2, 1]])}),
    ("GatherND", [node("GatherND", ["a", "indices"])], lambda a: a[torch.tensor([0, 1]), torch.tensor([2, 2])],
     {"a": normal(2, 3)}, {"indices": numpy.array([[0, 2], [1, 2]])}),
    ("Tile", [node("Tile", ["a", "repeats"])], lambda a: a.repeat(2, 3), {"a": normal(2, 3)}, {"repeats": ints(2, 3)}),
    ("DepthToSpace", [node("DepthToSpace", ["a"], blocksize=2, mode="CRD")],
     lambda a: torch.nn.functional.pixel_shuffle(a, 2), {"a": normal(1, 8, 2, 3)}, {}),
    ("SpaceToDepth", [node("SpaceToDepth", ["a"], blocksize=2)],
     lambda a: a.reshape(1, 1, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 4, 2, 3),
     {"a": normal(1, 1, 4, 6)}, {}),
    # A value that is used three times, and a value that y does not depend on.
    ("several uses", [node("Mul", ["a", "a"], ["s"]), node("Sigmoid", ["s"], ["t"]), node("Add", ["t", "a"])],
     lambda a, b: torch.sigmoid(a * a) + a, {"a": normal(2, 3), "b": normal(2)}, {}),
    ("a small network",
     [node("Gemm", ["x", "w1", "b1"], ["h"], transB=1), node("Relu", ["h"], ["r"]), node("MatMul", ["r", "w2"], ["o"]),
      node("LogSoftmax", ["o"])],
     lambda x, w1, b1, w2: torch.log_softmax(torch.relu(x @ w1.T + b1) @ w2, -1),
     {"x": normal(5, 4), "w1": normal(6, 4), "b1": normal(6), "w2": normal(6, 3)}, {}),
]


def write(folder, model, inputs, outputs):
    """In the standard's layout, with bounds for double."""
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "data.json").write_text(json.dumps({"rtol": 1e-12, "atol": 1e-13}))
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for place, array in enumerate(arrays):
            onnx.save_tensor(numpy_helper.from_array(numpy.asarray(array)), data / f"{kind}_{place}.pb")


def name_of(place, shapes):
    return f"{place:03}_{CASES[place][0]}_{'static' if shapes else 'dynamic'}".replace(" ", "_")


@pytest.fixture(scope="module")
def results(slipway, tmp_path_factory):
    """What `slipway test` says of every case, with sizes in the model and without."""
    folder = tmp_path_factory.mktemp("gradients")
    for place, (_, nodes, function, values, constants) in enumerate(CASES):
        weight = normal(*function(*map(torch.tensor, values.values())).shape)
        expected = torchs(function, values, list(values), weight)
        for shapes in (True, False):
            model = gradient_model(nodes, values, list(values), constants | {"weight": weight}, shapes)
            write(folder / name_of(place, shapes), model, values.values(), expected)
    done = slipway.attempt("test", folder, "--json")
    return {test["name"]: test["reason"] for test in json.loads(done.stdout)["tests"]}


@pytest.mark.parametrize("shapes", [True, False])
@pytest.mark.parametrize("place", range(len(CASES)), ids=lambda place: CASES[place][0])
def test_is_pytorchs(results, place, shapes):
    assert results[name_of(place, shapes)] == ""


def test_every_rule_has_a_case():
    source = pathlib.Path(__file__).resolve().parents[2] / "src/passes/gradient"
    text = "".join(file.read_text() for file in source.glob("*_rules.cpp"))
    rules = set(re.findall(r'\{"(\w+)", (?:derive_|by_slope|pass_on)', text))
    assert len(rules) > 50
    assert rules <= {case[0] for case in CASES}


def expect(slipway, tmp_path, model, values, expected):
    onnx.save(model, tmp_path / "gradient.onnx")
    found = slipway.run_tensors(tmp_path / "gradient.onnx", values)
    for output, one in zip(model.graph.output, expected):
        numpy.testing.assert_allclose(found[output.name], one, rtol=1e-12, atol=1e-13)
        assert found[output.name].shape == one.shape


def test_of_some_values_with_others_given(slipway, tmp_path):
    values = {"a": normal(2, 3), "b": positive(2, 3)}
    model = gradient_model([node("Div", ["a", "b"])], values, ["b"], {"weight": numpy.ones(())})
    expect(slipway, tmp_path, model, values, torchs(torch.div, values, ["b"], numpy.ones(())))


def test_at_other_values_than_those_of_the_forward_pass(slipway, tmp_path):
    """y = exp(a · b) is computed for a and b, its gradient for c and d, which have another shape."""
    values = {"a": normal(2), "b": normal(2), "c": normal(3), "d": normal(1)}
    graph = helper.make_graph(
        [node("Mul", ["a", "b"], ["s"]), node("Exp", ["s"], ["y"]),
         helper.make_node("Gradient", ["c", "d"], ["d_c", "d_d"], domain=DOMAIN, xs=["a", "b"], y="y")],
        "elsewhere", [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None]) for name in values],
        [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in ("d_c", "d_d")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(DOMAIN, 1)],
                              ir_version=10)
    expected = torchs(lambda c, d: torch.exp(c * d), {name: values[name] for name in "cd"}, ["c", "d"], numpy.ones(()))
    expect(slipway, tmp_path, model, values, expected)


def second_order_model(nodes=()):
    nodes = nodes or [node("Mul", ["a", "a"], ["s"]), node("Sin", ["s"], ["y"])]
    graph = helper.make_graph(
        [*nodes, helper.make_node("Gradient", ["a"], ["d_a"], "first", domain=DOMAIN, xs=["a"], y="y"),
         helper.make_node("Gradient", ["a"], ["dd_a"], "second", domain=DOMAIN, xs=["a"], y="d_a")],
        "second", [helper.make_tensor_value_info("a", TensorProto.DOUBLE, [4])],
        [helper.make_tensor_value_info("dd_a", TensorProto.DOUBLE, [4])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(DOMAIN, 1)],
                             ir_version=10)


def test_of_a_gradient(slipway, tmp_path):
    a = normal(4)
    expected = 2 * numpy.cos(a * a) - 4 * a * a * numpy.sin(a * a)
    expect(slipway, tmp_path, second_order_model(), {"a": a}, [expected])


def test_through_a_function(slipway, tmp_path):
    model = second_order_model([helper.make_node("Wave", ["a"], ["y"], domain="own")])
    model.functions.append(helper.make_function("own", "Wave", ["p"], ["q"],
                                                [node("Mul", ["p", "p"], ["s"]), node("Sin", ["s"], ["q"])],
                                                [helper.make_opsetid("", 20)]))
    model.opset_import.append(helper.make_opsetid("own", 1))
    a = normal(4)
    expect(slipway, tmp_path, model, {"a": a}, [2 * numpy.cos(a * a) - 4 * a * a * numpy.sin(a * a)])


def test_inside_a_function(slipway, tmp_path):
    """slope(p) = d sin(p)/dp, called twice: the names in the Gradient are the function's own."""
    body = [node("Sin", ["p"], ["s"]),
            helper.make_node("Gradient", ["p"], ["q"], domain=DOMAIN, xs=["p"], y="s")]
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(DOMAIN, 1)]
    graph = helper.make_graph(
        [helper.make_node("Slope", ["a"], ["b"], domain="own"), helper.make_node("Slope", ["b"], ["y"], domain="own")],
        "twice", *[[helper.make_tensor_value_info(name, TensorProto.DOUBLE, [4])] for name in "ay"])
    model = helper.make_model(graph, opset_imports=[*opsets, helper.make_opsetid("own", 1)], ir_version=10,
                              functions=[helper.make_function("own", "Slope", ["p"], ["q"], body, opsets)])
    a = normal(4)
    expect(slipway, tmp_path, model, {"a": a}, [numpy.cos(numpy.cos(a))])


@pytest.mark.parametrize(("nodes", "change", "says"), [
    ([node("Det", ["a"], name="area")], {}, "node 'area' (Det) has no rule for its derivative"),
    ([node("Neg", ["a"])], {"xs": ["nothing"]}, "there is no value 'nothing' in its graph"),
    ([node("Neg", ["a"])], {"y": "nothing"}, "there is no value 'nothing' in its graph"),
    ([node("Neg", ["a"])], {"xs": ["a", "f"]}, "xs and zs have 2 names, but there are 1 inputs and 1 outputs"),
])
def test_refuses(slipway, tmp_path, nodes, change, says):
    model = gradient_model(nodes, {"a": normal(2, 2)}, ["a"], {"weight": numpy.ones(())})
    for attribute in model.graph.node[-1].attribute:
        if attribute.name in change:
            attribute.CopyFrom(helper.make_attribute(attribute.name, change[attribute.name]))
    onnx.save(model, tmp_path / "gradient.onnx")
    numpy.save(tmp_path / "a.npy", normal(2, 2))
    done = slipway.attempt("run", tmp_path / "gradient.onnx", "-i", f"a={tmp_path / 'a.npy'}",
                           "-o", tmp_path / "out.npz")
    assert done.returncode == 1
    assert says in done.stderr
    assert "(ai.onnx.preview.training.Gradient)" in done.stderr
