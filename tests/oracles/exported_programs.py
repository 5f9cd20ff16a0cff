"""Small networks whose exported programs hold what programs can hold: each with its inputs."""

import collections
import dataclasses

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim
from torch.utils import _pytree as pytree

Boxes = collections.namedtuple("Boxes", "corners scores")
pytree._register_namedtuple(Boxes, serialized_type_name="exported_programs.Boxes")


@dataclasses.dataclass
class Sample:
    left: torch.Tensor
    right: torch.Tensor
    mask: torch.Tensor | None = None


torch.export.register_dataclass(Sample, serialized_type_name="exported_programs.Sample")

CASES = {}


def case(*inputs, dynamic=None, **keywords):
    """Registers a network under the name of its class."""
    def register(kind):
        CASES[kind.__name__] = (kind, inputs, keywords, dynamic)
        return kind
    return register


def wave(*shape):
    return torch.sin(0.7 * torch.arange(torch.Size(shape).numel(), dtype=torch.float32)).reshape(shape)


@case(wave(2, 3, 8, 8))
class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 1, bias=False))
        self.pool = nn.AdaptiveAvgPool2d((2, 2))

    def forward(self, x):
        return self.pool(self.layers(x)).to(torch.float64, memory_format=torch.channels_last)


@case(wave(3, 4, 10), dynamic={"x": {0: Dim("batch", min=2, max=16), 2: Dim("width", min=4, max=64)}})
class Sizes(nn.Module):
    def forward(self, x):
        batch, _, width = x.shape
        y = F.pad(x, (2, 1))[:, :, ::2]
        z = torch.cat([x, x], 2).reshape(batch * 2, 4, width)
        half = torch.zeros(width // 2, width * batch % 7 + 1)
        return y, z, half, torch.zeros(batch, width - 1), torch.full((max(batch, 5),), float("-inf"))


@case(wave(4))
class Condition(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda t: (t + 1, t * 2), lambda t: (t.sin(), t - float("nan")), (x,))


@case(torch.tensor(3), wave(4))
class WhileLoop(nn.Module):
    def forward(self, count, x):
        def body(count, x):
            return count - 1, torch.cond(x.mean() > 0, lambda t: t * 2, lambda t: t + 1, (x,))
        return torch._higher_order_ops.while_loop(lambda count, x: count > 0, body, (count, x))


@case(wave(5, 3), wave(3))
class Scan(nn.Module):
    def forward(self, xs, start):
        return torch._higher_order_ops.scan(lambda carry, x: (carry + x, carry * x), start, xs)


@case(wave(4, 3), wave(3))
class Map(nn.Module):
    def forward(self, xs, y):
        return torch._higher_order_ops.map(lambda x, y: x + y, xs, y)


@case({"b": wave(2), "a": [wave(2), wave(2)]}, Boxes(wave(2, 4), wave(2)), Sample(wave(2), wave(2)))
class Structures(nn.Module):
    def forward(self, options, boxes, sample):
        total = options["b"] + options["a"][0] - options["a"][1] + sample.left * sample.right
        ordered = collections.OrderedDict([("z", total), ("a", (total + 1, [total + 2]))])
        return {"boxes": Boxes(boxes.corners + 1, boxes.scores + 1), "ordered": ordered, "sample": Sample(total, total)}


@case(wave(3), wave(3), scale=wave(3), extra={"shift": wave(3)})
class Keywords(nn.Module):
    def forward(self, x, *others, scale, extra, flag=True):
        return (x + others[0]) * scale + extra["shift"] if flag else x


@case(wave(2, 3), 7, None, "add", 0.5)
class Constants(nn.Module):
    def forward(self, x, number, nothing, mode, factor):
        y = x + number if mode == "add" else x - number
        return y * factor, None, number, [x, 3.5, True]


@case(wave(2, 6))
class Ties(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 6)
        self.second = nn.Linear(6, 6)
        self.second.weight = self.first.weight
        base = wave(4, 6)
        self.register_buffer("base", base)
        self.register_buffer("row", base[1])
        self.register_buffer("turned", base.t())
        self.register_buffer("loose", wave(6) * 2, persistent=False)
        self.table = wave(6) * 3

    def forward(self, x):
        y = self.second(self.first(x)) + self.row + self.loose + self.table + torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        return y @ self.turned + self.base.sum()


@case(wave(3))
class Mutations(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("history", torch.zeros(4, 3))

    def forward(self, x):
        self.calls.add_(1)
        self.history[1:3].fill_(2)
        self.history[0].copy_(x)
        x.mul_(2)
        return self.history.sum(0) + x, self.calls


@case(wave(4, 3), 5, dynamic={"x": {0: Dim("rows", min=2)}, "count": Dim.DYNAMIC})
class Numbers(nn.Module):
    def forward(self, x, count):
        rows = x.shape[0]
        return x * count, x.expand(count, rows, 3), rows * count + 1


@case(torch.tensor([0, 1, 1, 0, 1]), wave(5, 3))
class DataDependent(nn.Module):
    def forward(self, choice, x):
        chosen = choice.nonzero().squeeze(1)
        count = choice.sum().item()
        torch._check(count >= 0)
        torch._check(count <= 5)
        return x[chosen], torch.ones(count), x.masked_fill(choice.bool()[:, None], 0.0), x[choice == 1, :2]


@case(wave(2, 5, 4))
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True)

    def forward(self, x):
        y, (hidden, cell) = self.lstm(x)
        with torch.no_grad():
            z = y.softmax(-1).detach()
        values, places = z.topk(2)
        return y, hidden, cell, values, places


@case(wave(2, 4, 8))
class Attention(nn.Module):
    def forward(self, x):
        heads = torch.stack(x.chunk(2, dim=2), 1)
        y = F.scaled_dot_product_attention(heads, heads, heads, is_causal=True)
        z = torch.einsum("bhqd,bhkd->bhqk", heads, y)
        big = x[:, [0, 2], :][..., None, 1:3]
        return z, F.layer_norm(x, (8,), eps=1e-6), F.gelu(x, approximate="tanh"), big, x.view(2, 2, 2, 8).permute(3, 0, 1, 2)


@case(torch.complex(wave(3), wave(3)), torch.arange(3, dtype=torch.uint8), wave(3).to(torch.bfloat16))
class Types(nn.Module):
    def forward(self, x, y, z):
        return x * (1 + 2j), y.to(torch.int16) << 2, z.float(), torch.arange(0, 3, dtype=torch.int32), z.to("cpu").half()
