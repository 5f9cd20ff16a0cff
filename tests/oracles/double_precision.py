"""Runs the light networks in double precision, by PyTorch: the judge where two engines disagree."""

import numpy
import torch
from onnx import helper, numpy_helper
from torch.nn import functional


def padded(x, attributes, value):
    """Pads as `pads` says: ONNX names all starts first, PyTorch the last axis first."""
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    return functional.pad(x, (left, right, top, bottom), value=value)


def average_pool(a, x):
    def pool(t):
        return functional.avg_pool2d(padded(t, a, 0.0), a["kernel_shape"], a.get("strides", 1))
    return pool(x) / pool(torch.ones_like(x))  # pads are not counted


def batch_normalization(a, x, scale, offset, mean, variance):
    return functional.batch_norm(x, mean, variance, scale, offset, eps=a.get("epsilon", 1e-5))


def gemm(a, x, weight, offset):
    return x @ (weight.T if a.get("transB") else weight) + offset


def reshape(_, x, shape):
    sizes = [x.shape[axis] if size == 0 else int(size) for axis, size in enumerate(shape)]
    return x.reshape(sizes)


def unsqueeze(a, x):
    for axis in sorted(a["axes"]):
        x = x.unsqueeze(axis)
    return x


OPERATORS = {
    "Add": lambda _, x, y: x + y,
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalization,
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Conv": lambda a, x, w, b=None: functional.conv2d(
        padded(x, a, 0.0), w, b, a.get("strides", 1), groups=a.get("group", 1)),
    "Dropout": lambda _, x: x,
    "Gemm": gemm,
    "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdim=True),
    "LRN": lambda a, x: functional.local_response_norm(
        x, a["size"], a["alpha"], a["beta"], a["bias"]),
    "MaxPool": lambda a, x: functional.max_pool2d(
        padded(x, a, -torch.inf), a["kernel_shape"], a.get("strides", 1)),
    "Mul": lambda _, x, y: x * y,
    "Relu": lambda _, x: x.relu(),
    "Reshape": reshape,
    "Softmax": lambda _, x: x.flatten(1).softmax(1).reshape(x.shape),  # up to opset 12
    "Sum": lambda _, *xs: sum(xs[1:], xs[0]),
    "Transpose": lambda a, x: x.permute(a["perm"]),
    "Unsqueeze": unsqueeze,
}


@torch.no_grad()
def run(model, inputs, names):
    """The tensors of these names, as arrays of float64."""
    values = {name: torch.from_numpy(array.astype(numpy.float64)) for name, array in inputs.items()}
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        kind = numpy.float64 if array.dtype.kind == "f" else array.dtype
        values[tensor.name] = torch.from_numpy(array.astype(kind))
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](
            attributes, *(values[name] for name in node.input))
    return {name: values[name].numpy() for name in names}
