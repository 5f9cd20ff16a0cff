"""The nine light networks of onnx's test data, as they ship and filled with random weights.

As they ship, nearly every weight is 0.02, made by ConstantOfShape; the outputs notice almost
nothing. Filled with weights of a realistic scale they notice everything.
"""

import pathlib

import numpy
import onnx
import onnx.backend.test
from onnx import helper, numpy_helper

FOLDER = pathlib.Path(onnx.backend.test.__file__).parent / "data/light"
NAMES = sorted(path.stem for path in FOLDER.glob("light_*.onnx"))


def load(name):
    return onnx.load(FOLDER / f"{name}.onnx")


def shipped_outputs(name):
    """The outputs that stand beside the model, in its order."""
    count = len(load(name).graph.output)
    return [numpy_helper.to_array(onnx.load_tensor(FOLDER / f"{name}_output_{k}.pb"))
            for k in range(count)]


def free_inputs(model):
    """Name and shape of the inputs that no initialiser fills."""
    filled = {tensor.name for tensor in model.graph.initializer}
    return {value.name: [axis.dim_value for axis in value.type.tensor_type.shape.dim]
            for value in model.graph.input if value.name not in filled}


def shipped_inputs(model):
    """What onnx's own runner feeds: 0, 1/n, 2/n …"""
    return {name: (numpy.arange(numpy.prod(shape)).reshape(shape)
                   / numpy.prod(shape)).astype(numpy.float32)
            for name, shape in free_inputs(model).items()}


def random_inputs(model, seed=7):
    random = numpy.random.default_rng(seed)
    return {name: random.standard_normal(shape, dtype=numpy.float32)
            for name, shape in free_inputs(model).items()}


def kernel(random, shape):
    """He's scale: keeps the size of the activations from layer to layer."""
    return random.standard_normal(shape) * numpy.sqrt(2 / numpy.prod(shape[1:]))


def factor(random, shape):
    return random.uniform(0.5, 1.5, shape)


def offset(random, shape):
    return random.standard_normal(shape) * 0.1


# What a weight is for, by the operator that takes it and the place among that operator's inputs.
ROLES = {
    ("Conv", 1): kernel, ("Conv", 2): offset,
    ("Gemm", 1): kernel, ("Gemm", 2): offset,
    ("BatchNormalization", 1): factor, ("BatchNormalization", 2): offset,
    ("BatchNormalization", 3): offset, ("BatchNormalization", 4): factor,
    ("Mul", 1): factor, ("Add", 1): offset,
}


def role_of(name, consumers):
    """The role of a weight, found through the operators that only change its shape."""
    for node, place in consumers.get(name, ()):
        if (node.op_type, place) in ROLES:
            return ROLES[node.op_type, place]
        if node.op_type in ("Unsqueeze", "Reshape") and place == 0:
            return role_of(node.output[0], consumers)
    return None


def consumers_of(graph):
    consumers = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            consumers.setdefault(name, []).append((node, place))
    return consumers


def weight_shapes(graph):
    """Name and shape of everything that is a constant float: initialisers and ConstantOfShape."""
    values = {tensor.name: tensor for tensor in graph.initializer}
    shapes = {name: tuple(tensor.dims) for name, tensor in values.items()
              if tensor.data_type == onnx.TensorProto.FLOAT}
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            shapes[node.output[0]] = tuple(numpy_helper.to_array(values[node.input[0]]))
    return shapes


def fill(model, seed=11):
    """Replaces the weights by random ones, in place; no weight is made by a node afterwards."""
    graph = model.graph
    consumers, shapes = consumers_of(graph), weight_shapes(graph)
    random = numpy.random.default_rng(seed)
    kept = [tensor for tensor in graph.initializer if tensor.name not in shapes]
    filled = []
    for name in sorted(shapes):
        role = role_of(name, consumers)
        if role is not None:
            filled.append(numpy_helper.from_array(
                role(random, shapes[name]).astype(numpy.float32), name))
    nodes = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    used = {name for node in nodes for name in node.input}
    inputs = [value for value in graph.input if value.name in free_inputs(model)]
    for field, values in ((graph.node, nodes), (graph.input, inputs),
                          (graph.initializer, filled + [t for t in kept if t.name in used])):
        del field[:]
        field.extend(values)
    model.ir_version = 8  # the first versions want initialisers among the inputs


def scale_logits(model, logits):
    """Divides the layer before Softmax so that the probabilities do not all but one vanish."""
    last = next(node for node in model.graph.node if node.op_type == "Softmax")
    producers = {name: node for node in model.graph.node for name in node.output}
    node = producers[last.input[0]]
    while node.op_type not in ("Gemm", "Conv"):
        node = producers[node.input[0]]
    for tensor in model.graph.initializer:
        if tensor.name in node.input[1:]:
            scaled = numpy_helper.to_array(tensor) * numpy.float32(2 / logits.std())
            tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))


def activations(model):
    """The names of all tensors that depend on the input, in order (no weights, no dropout masks)."""
    live = set(free_inputs(model))
    names = []
    for node in model.graph.node:
        if live & set(node.input):
            live.add(node.output[0])
            names.append(node.output[0])
    return names


def expose(model):
    """Makes every activation an output, in place."""
    outputs = {value.name for value in model.graph.output}
    for name in activations(model):
        if name not in outputs:
            model.graph.output.append(helper.make_tensor_value_info(
                name, onnx.TensorProto.FLOAT, None))
