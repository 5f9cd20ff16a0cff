"""Wrong models made of right ones, as wrong conversions make them."""

import itertools
import random

import numpy
import onnx
from onnx import helper, numpy_helper

NUMBERS = itertools.count()


class Model:
    """A model to be changed in place. It is saved beside the file that it came from, whose weights it shares."""

    def __init__(self, path):
        self.proto = onnx.load(path, load_external_data=False)
        self.graph = self.proto.graph
        self.folder = path.parent

    def node(self, name):
        return next(node for node in self.graph.node if node.name == name)

    def weight(self, name):
        """What an initializer or a Constant holds."""
        tensors = {tensor.name: tensor for tensor in self.graph.initializer}
        if name not in tensors:
            constant = next(node for node in self.graph.node if name in node.output)
            tensors[name] = constant.attribute[0].t
        tensor = onnx.TensorProto()
        tensor.CopyFrom(tensors[name])  # reading moves the data into the message
        return numpy_helper.to_array(tensor, str(self.folder)).copy()

    def change_weight(self, node, place, change):
        """Replaces the weight that a node reads at a place; others that read it keep the old one."""
        node = self.node(node)
        array = self.weight(node.input[place])
        name = f"{node.name}_changed_{next(NUMBERS)}"
        self.graph.initializer.append(numpy_helper.from_array(
            numpy.ascontiguousarray(change(array)).astype(array.dtype), name))
        node.input[place] = name

    def set(self, node, **attributes):
        node = self.node(node)
        kept = [one for one in node.attribute if one.name not in attributes]
        del node.attribute[:]
        node.attribute.extend(kept + [helper.make_attribute(name, value)
                                      for name, value in attributes.items() if value is not None])

    def replace(self, name, op_type, **attributes):
        """Another operator in a node's place, with these attributes alone."""
        node = self.node(name)
        node.op_type = op_type
        del node.attribute[:]
        node.attribute.extend(helper.make_attribute(*item) for item in attributes.items())

    def remove(self, name, place=0):
        """Who reads the node's output reads its input instead."""
        node = self.node(name)
        for reader in self.graph.node:
            for index, read in enumerate(reader.input):
                if read == node.output[0]:
                    reader.input[index] = node.input[place]
        self.graph.node.remove(node)

    def insert_before(self, name, place, op_type, **attributes):
        """One more node on the way to a node's input."""
        reader = self.node(name)
        position = list(self.graph.node).index(reader)
        node = helper.make_node(op_type, [reader.input[place]], [f"{name}_inserted_out"],
                                f"{name}_inserted", **attributes)
        reader.input[place] = node.output[0]
        self.graph.node.insert(position, node)

    def fold_batch_norms(self, names):
        """Scales the convolutions' weights instead, under the names of the normalisations' outputs."""
        for name in names:
            norm = self.node(name)
            conv = next(node for node in self.graph.node if norm.input[0] in node.output)
            scale, shift, mean, variance = (self.weight(one).astype(numpy.float64) for one in norm.input[1:5])
            factor = scale / numpy.sqrt(variance + norm.attribute[0].f)
            assert norm.attribute[0].name == "epsilon"
            self.change_weight(conv.name, 1, lambda w, f=factor: w * f.reshape(-1, 1, 1, 1))
            self.graph.initializer.append(numpy_helper.from_array(
                (shift - mean * factor).astype(numpy.float32), f"{conv.name}_bias"))
            conv.input.append(f"{conv.name}_bias")
            conv.output[0] = norm.output[0]
            self.graph.node.remove(norm)

    def shuffle(self, seed):
        """Every name another one of the same file, nodes in another order that runs; inputs and outputs renamed."""
        numbers = random.Random(seed)
        self._reorder(numbers)
        names = sorted({name for node in self.graph.node for name in (*node.input, *node.output) if name})
        other = names[:]
        numbers.shuffle(other)
        renamed = dict(zip(names, other))
        renamed[""] = ""
        ends = {value.name for value in (*self.graph.input, *self.graph.output)}
        renamed.update({name: f"end_{place}" for place, name in enumerate(sorted(ends))})
        called = [node.name for node in self.graph.node]
        numbers.shuffle(called)
        self.called = {}  # the new names of nodes by the old ones
        for node, name in zip(self.graph.node, called):
            node.input[:] = [renamed[one] for one in node.input]
            node.output[:] = [renamed[one] for one in node.output]
            self.called[node.name] = name
            node.name = name
        for value in (*self.graph.input, *self.graph.output, *self.graph.initializer):
            value.name = renamed.get(value.name, f"unused_{value.name}")
        del self.graph.value_info[:]

    def _reorder(self, numbers):
        waiting = list(self.graph.node)
        made = {value.name for value in (*self.graph.input, *self.graph.initializer)} | {""}
        ordered = []
        while waiting:
            later = []
            numbers.shuffle(waiting)
            for node in waiting:
                if made.issuperset(node.input):
                    ordered.append(node)
                    made.update(node.output)
                else:
                    later.append(node)
            waiting = later
        del self.graph.node[:]
        self.graph.node.extend(ordered)

    def save(self):
        path = self.folder / f"wrong_{next(NUMBERS)}.onnx"
        path.write_bytes(self.proto.SerializeToString())
        onnx.checker.check_model(path)
        return path


def nudge(array):
    """One element wrong, as much as the elements are large."""
    array.flat[array.size // 3] += 20 * array.std()
    return array


# Name of the fault: the node that is to be named, and what is done to it.
RESNET = {
    "a weight": ("/layer2/layer2.1/conv2/Conv", lambda m, n: m.change_weight(n, 1, nudge)),
    "epsilon": ("/layer1/layer1.2/bn1/BatchNormalization", lambda m, n: m.set(n, epsilon=0.01)),
    "pads of a pooling": ("/maxpool/MaxPool", lambda m, n: m.set(n, pads=[0, 0, 2, 2])),
    "padding mode": ("/layer3/layer3.0/conv2/Conv", lambda m, n: m.set(n, pads=None, auto_pad="SAME_UPPER")),
    "transposed kernel": ("/layer2/layer2.3/conv2/Conv",
                          lambda m, n: m.change_weight(n, 1, lambda w: w.transpose(0, 1, 3, 2))),
    "lost bias": ("/fc/Gemm", lambda m, n: m.node(n).input.pop()),
    "dilation": ("/layer3/layer3.4/conv2/Conv", lambda m, n: m.set(n, dilations=[2, 2], pads=[2, 2, 2, 2])),
    "another activation": ("/layer3/layer3.2/Relu_1", lambda m, n: m.replace(n, "LeakyRelu", alpha=0.1)),
    "mean for shift": ("/layer4/layer4.1/bn2/BatchNormalization",
                       lambda m, n: m.node(n).input.__setitem__(2, m.node(n).input[3])),
    "wired wrongly": ("/layer4/layer4.0/Add",
                      lambda m, n: m.node(n).input.__setitem__(1, m.node(n).input[0])),
    "another pooling": ("/maxpool/MaxPool",
                        lambda m, n: m.replace(n, "AveragePool", kernel_shape=[3, 3], strides=[2, 2],
                                               pads=[1, 1, 1, 1])),
}
DEIT = {
    "a weight": ("/blocks/blocks.3/fc1/MatMul", lambda m, n: m.change_weight(n, 1, nudge)),
    "epsilon": ("/blocks/blocks.6/norm2/LayerNormalization", lambda m, n: m.set(n, epsilon=0.01)),
    "axis": ("/blocks/blocks.4/attn/Softmax", lambda m, n: m.set(n, axis=2)),
    "transposed weight": ("/blocks/blocks.5/attn/proj/MatMul",
                          lambda m, n: m.change_weight(n, 1, lambda w: w.T)),
    "a bias": ("/blocks/blocks.9/attn/qkv/Add", lambda m, n: m.change_weight(n, 0, lambda b: 0 * b)),
    "scale of attention": ("/blocks/blocks.1/attn/Mul", lambda m, n: m.change_weight(n, 1, lambda s: s * 1.1)),
    "another activation": ("/blocks/blocks.2/Erf", lambda m, n: m.replace(n, "Tanh")),
    "another token": ("/Gather", lambda m, n: m.change_weight(n, 1, lambda index: index + 1)),
    "positions": ("/Add", lambda m, n: m.change_weight(n, 1, lambda p: p[:, ::-1])),
    "tokens in another order": ("/Concat_1", lambda m, n: m.node(n).input.__setitem__(
        slice(None), list(m.node(n).input)[::-1])),
    "wired wrongly": ("/blocks/blocks.8/Add_2",
                      lambda m, n: m.node(n).input.__setitem__(0, m.node(n).input[1])),
    "kernel moved": ("/patch_embed/Conv", lambda m, n: m.change_weight(n, 1, lambda w: numpy.roll(w, 1, 3))),
}
# A node more or less. The first is its name, the last whether A or B has it.
LOST = {
    "deit": {
        "lost bias": ("/blocks/blocks.7/fc2/Add", lambda m, n: m.remove(n, 1), "a"),
        "one more": ("/blocks/blocks.7/fc2/MatMul_inserted",
                     lambda m, n: m.insert_before("/blocks/blocks.7/fc2/MatMul", 0, "Relu"), "b"),
    },
    "resnet50": {
        "lost activation": ("/layer2/layer2.2/Relu_1", lambda m, n: m.remove(n), "a"),
        "lost normalisation": ("/layer3/layer3.1/bn1/BatchNormalization", lambda m, n: m.remove(n), "a"),
        "one more": ("/layer3/layer3.1/bn1/BatchNormalization_inserted",
                     lambda m, n: m.insert_before("/layer3/layer3.1/bn1/BatchNormalization", 0, "Tanh"), "b"),
    },
}
FAULTS = {"resnet50": RESNET, "deit": DEIT}
