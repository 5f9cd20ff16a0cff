"""Small networks whose element type is a choice: as ONNX in f32, f16 or bf16, and computed by PyTorch in double.

Weights and inputs are numbers that bf16 and f16 both hold, so that all forms are the same network.
"""

import onnx
import torch
from onnx import TensorProto, helper

ONNX_TYPES = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}
TORCH_TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64}
OPSET = 23


def coarse(*shape, scale=1.0, generator=None):
    """Normal numbers with seven significant bits, in double."""
    numbers = torch.randn(*shape, generator=generator, dtype=torch.float32) * scale
    return numbers.bfloat16().half().double()


def raw_tensor(name, tensor, kind):
    cast = tensor.to(TORCH_TYPES[kind]).contiguous()
    raw = cast.view(torch.int32 if kind == "f32" else torch.int16).numpy().tobytes()
    return helper.make_tensor(name, ONNX_TYPES[kind], tensor.shape, raw, raw=True)


class Network:
    """A chain of layers; each method adds one."""

    def __init__(self, *input_shape, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.input = coarse(*input_shape, generator=self.generator)
        self.nodes, self.constants, self.functions = [], [], []
        self.last = "x"

    def weight(self, *shape, fan_in):
        name = f"w{len(self.constants)}"
        self.constants.append((name, coarse(*shape, scale=fan_in ** -0.5, generator=self.generator)))
        return name

    def node(self, op_type, compute, *inputs, **attributes):
        """`compute` takes PyTorch tensors in the order of the inputs."""
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, list(inputs), [output], **attributes))
        self.functions.append((output, inputs, compute))
        self.last = output
        return self

    def conv(self, channels, outputs, size, stride=1, groups=1):
        weight = self.weight(outputs, channels // groups, size, size, fan_in=channels // groups * size * size)
        bias = self.weight(outputs, fan_in=4)
        pad = size // 2
        return self.node("Conv", lambda x, w, b: torch.conv2d(x, w, b, stride, pad, 1, groups), self.last, weight,
                         bias, pads=[pad] * 4, strides=[stride] * 2, group=groups)

    def relu(self):
        return self.node("Relu", torch.relu, self.last)

    def gelu(self):
        return self.node("Gelu", torch.nn.functional.gelu, self.last)

    def add(self, other):
        return self.node("Add", torch.add, self.last, other)

    def matmul(self, inputs, outputs):
        return self.node("MatMul", torch.matmul, self.last, self.weight(inputs, outputs, fan_in=inputs))

    def layer_norm(self, size):
        scale, shift = self.weight(size, fan_in=1), self.weight(size, fan_in=4)
        return self.node("LayerNormalization",
                         lambda x, s, b: torch.nn.functional.layer_norm(x, (size,), s, b), self.last, scale, shift)

    def onnx(self, kind):
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes, "network", [value("x", ONNX_TYPES[kind], self.input.shape)],
            [value(self.last, ONNX_TYPES[kind], self.compute("f32").shape)],
            [raw_tensor(name, tensor, kind) for name, tensor in self.constants])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

    def compute(self, kind):
        """PyTorch's output, with all values in this type on the way; as double."""
        dtype = TORCH_TYPES[kind]
        values = {"x": self.input.to(dtype), **{name: tensor.to(dtype) for name, tensor in self.constants}}
        for output, inputs, compute in self.functions:
            values[output] = compute(*(values[name] for name in inputs))
        return values[self.last].double()


def convolutions(size=56, width=64, blocks=4):
    """Residual blocks of 3×3 and 1×1 convolutions."""
    network = Network(1, width, size, size, seed=1)
    for _ in range(blocks):
        start = network.last
        network.conv(width, width, 3).relu().conv(width, 4 * width, 1).relu().conv(4 * width, width, 1)
        network.add(start).relu()
    return network


def perceptron(rows=128, width=768, layers=3):
    """Layers of a transformer without its attention."""
    network = Network(rows, width, seed=2)
    for _ in range(layers):
        start = network.last
        network.layer_norm(width).matmul(width, 4 * width).gelu().matmul(4 * width, width).add(start)
    return network


def depthwise(size=56, width=96, blocks=4):
    """Inverted residuals: many elements for each multiplication."""
    network = Network(1, width, size, size, seed=3)
    for _ in range(blocks):
        start = network.last
        network.conv(width, width, 3, groups=width).relu().conv(width, width, 1).add(start)
    return network


NETWORKS = {"convolutions": convolutions, "perceptron": perceptron, "depthwise": depthwise}


def save(network, kind, path):
    onnx.save(network.onnx(kind), path)
