"""Writes tests/golden/custom_ops: test cases, in the standard's form, for the operators of examples/custom_ops.

The expected values are NumPy's (asinh), torch's convolution on patches that torch's grid_sample took (deformable
convolution) and those of a byte-pair encoder that is written anew below, by another method than the example's.

    build/oracles/bin/python tests/golden/make_custom_ops.py
"""

import pathlib

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "custom_ops"
value = helper.make_tensor_value_info


def save(name, nodes, inputs, outputs, cases, domain, initializers=(), functions=(), version=1):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    imports = [helper.make_opsetid("", 20), helper.make_opsetid(domain, version)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=9, functions=list(functions))
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    for number, (given, expected) in enumerate(cases):
        data = folder / f"test_data_set_{number}"
        data.mkdir(exist_ok=True)
        for kind, arrays, ports in (("input", given, inputs), ("output", expected, outputs)):
            for place, (array, port) in enumerate(zip(arrays, ports, strict=True)):
                tensor = numpy_helper.from_array(array, port.name)
                (data / f"{kind}_{place}.pb").write_bytes(tensor.SerializeToString())


def asinh():
    random = numpy.random.default_rng(3)
    cases = []
    for shape in ((2, 3), (1, 17), (0, 4)):
        x = (random.standard_normal(shape) * 5).astype(numpy.float32)
        expected = 2 * numpy.arcsinh(x.astype(numpy.float64))
        cases.append(([x], [expected.astype(numpy.float32)]))
    nodes = [helper.make_node("Asinh", ["x"], ["a"], domain="com.example", name="arc"),
             helper.make_node("Add", ["a", "a"], ["y"])]
    save("asinh", nodes, [value("x", TensorProto.FLOAT, ["batch", "n"])],
         [value("y", TensorProto.FLOAT, ["batch", "n"])], cases, "com.example")


def deformed(image, weight, offset, mask, bias, stride, padding, dilation, groups):
    """Deformable convolution in double precision: grid_sample takes each tap of each offset group, torch's matrix product
    does the rest."""
    image, weight, offset = image.double(), weight.double(), offset.double()
    batch, channels, height, width = image.shape
    count, per_group, kh, kw = weight.shape
    rows, columns = offset.shape[2:]
    taps = kh * kw
    offset_groups = offset.shape[1] // (2 * taps)
    offset = offset.reshape(batch, offset_groups, taps, 2, rows, columns)
    patches = torch.empty(batch, channels, taps, rows, columns, dtype=torch.float64)
    for tap in range(taps):
        y = torch.arange(rows) * stride[0] - padding[0] + tap // kw * dilation[0]
        x = torch.arange(columns) * stride[1] - padding[1] + tap % kw * dilation[1]
        for group in range(offset_groups):
            ys = y[None, :, None] + offset[:, group, tap, 0]
            xs = x[None, None, :] + offset[:, group, tap, 1]
            # align_corners: -1 and 1 are the middles of the first and the last pixel.
            grid = torch.stack([2 * xs / (width - 1) - 1, 2 * ys / (height - 1) - 1], dim=-1)
            own = slice(group * channels // offset_groups, (group + 1) * channels // offset_groups)
            taken = torch.nn.functional.grid_sample(image[:, own], grid, mode="bilinear", padding_mode="zeros",
                                                    align_corners=True)
            if mask is not None:
                taken = taken * mask.double().reshape(batch, offset_groups, taps, rows, columns)[:, group, tap][:, None]
            patches[:, own, tap] = taken
    patches = patches.reshape(batch, groups, per_group * taps, rows * columns)
    kernels = weight.reshape(groups, count // groups, per_group * taps)
    out = torch.einsum("gok,ngkp->ngop", kernels, patches).reshape(batch, count, rows, columns)
    return (out if bias is None else out + bias.double()[:, None, None]).float().numpy()


def deform_conv(name, stride, padding, dilation, groups, offset_groups, with_mask, with_bias, sizes):
    torch.manual_seed(5)
    batch, channels, height, width, count, kh, kw = sizes
    rows = (height + 2 * padding[0] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    columns = (width + 2 * padding[1] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    image = torch.randn(batch, channels, height, width)
    weight = torch.randn(count, channels // groups, kh, kw)
    offset = 2 * torch.randn(batch, 2 * offset_groups * kh * kw, rows, columns)
    mask = torch.rand(batch, offset_groups * kh * kw, rows, columns) if with_mask else None
    bias = torch.randn(count) if with_bias else None
    expected = deformed(image, weight, offset, mask, bias, stride, padding, dilation, groups)
    given = {"input": image, "offset": offset}
    if with_mask:
        given["mask"] = mask
    initializers = [numpy_helper.from_array(weight.numpy(), "weight")]
    if with_bias:
        initializers.append(numpy_helper.from_array(bias.numpy(), "bias"))
    names = ["input", "weight", "offset", "mask" if with_mask else "", "bias" if with_bias else ""]
    while not names[-1]:
        names.pop()
    node = helper.make_node("deform_conv2d", names, ["output"], domain="torchvision", name="deform", stride=stride,
                            padding=padding, dilation=dilation, offset_groups=offset_groups)
    save(name, [node], [value(key, TensorProto.FLOAT, ["n"] + list(tensor.shape[1:])) for key, tensor in given.items()],
         [value("output", TensorProto.FLOAT, ["n", count, rows, columns])],
         [([tensor.numpy() for tensor in given.values()], [expected])], "torchvision", initializers)


def encode(text, merges):
    """Applies the rules one after the other, each to the whole text: the same as lowest rule first, since a rule's token
    can only come into rules after it."""
    tokens = list(text)
    for number, pair in enumerate(merges):
        place = 0
        while place + 1 < len(tokens):
            if (tokens[place], tokens[place + 1]) == pair:
                tokens[place:place + 2] = [256 + number]
            place += 1
    return tokens


def byte_pair():
    merges = [(ord("l"), ord("o")), (256, ord("w")), (ord("e"), ord("r")), (257, 258), (ord("a"), ord("a")),
              (260, ord("a")), (0xC3, 0xBC)]
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        pieces.append(pieces[left] + pieces[right])
    cases = []
    for texts in (["lower", "slow low", "", "aaaaa", "über"], [], ["x"]):
        tokens = [encode(text.encode(), merges) for text in texts]
        assert all(b"".join(pieces[token] for token in each) == text.encode()
                   for each, text in zip(tokens, texts, strict=True))
        ids = [token for each in tokens for token in each]
        splits = numpy.cumsum([0] + [len(each) for each in tokens])
        cases.append(([numpy.array(texts, dtype=object)],
                      [numpy.array(ids, numpy.int64), splits.astype(numpy.int64),
                       numpy.array([pieces[token] for token in ids], dtype=object)]))
    node = helper.make_node("BytePair", ["texts"], ["ids", "splits", "pieces"], domain="com.example", name="encode",
                            merges=[number for pair in merges for number in pair])
    save("byte_pair", [node], [value("texts", TensorProto.STRING, ["n"])],
         [value("ids", TensorProto.INT64, ["tokens"]), value("splits", TensorProto.INT64, ["m"]),
          value("pieces", TensorProto.STRING, ["tokens"])], cases, "com.example")


def function():
    """A function of the model that has the name of a library's operator: the model's own counts."""
    own = helper.make_function("com.example", "Asinh", ["x"], ["y"], [helper.make_node("Neg", ["x"], ["y"])],
                               [helper.make_opsetid("", 20)])
    x = numpy.array([[1, -2, 3]], numpy.float32)
    save("function", [helper.make_node("Asinh", ["x"], ["y"], domain="com.example")],
         [value("x", TensorProto.FLOAT, ["batch", "n"])], [value("y", TensorProto.FLOAT, ["batch", "n"])],
         [([x], [-x])], "com.example", functions=[own])


asinh()
deform_conv("deform_conv", [1, 1], [1, 1], [1, 1], 1, 1, True, True, (2, 3, 7, 9, 4, 3, 3))
deform_conv("deform_conv_groups", [2, 1], [0, 2], [1, 2], 2, 2, False, False, (1, 4, 9, 8, 6, 3, 2))
byte_pair()
function()
