"""A model whose program holds what programs can hold: make.py exports it."""

import torch
import torch.nn.functional as F


class Block(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(channels * channels * 9).reshape(channels, channels, 3, 3) / 64)

    def forward(self, x):
        return F.conv2d(x, self.weight, padding=1)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.ModuleList([Block(2), Block(2)])
        self.head = torch.nn.Parameter(torch.arange(6.0).reshape(3, 2).t())
        self.tied = self.head
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("scale", torch.tensor([2.0, 4.0]), persistent=False)

    def forward(self, x, options, *, flip):
        self.calls.add_(1)
        y = self.blocks[1](self.blocks[0](x)) * self.scale.view(2, 1, 1) + options["bias"]
        y = torch.cond(y.sum() > 0, lambda t: t + 1, lambda t: t * float("inf"), (y,))
        low, high = torch.split(y.mean([2, 3]) @ self.head, [1, 2], 1)
        table = torch.tensor([0.5, 0.25])
        return {"low": low, "rest": [high @ table, F.pad(x, (1, 0), value=float("nan"))],
                "size": (x.shape[0], None, options["factor"] if flip else 0)}


def program():
    batch, width = torch.export.Dim("batch", min=2, max=8), torch.export.Dim("width", min=4, max=64)
    example = (torch.ones(3, 2, 4, 6), {"bias": torch.arange(2.0).reshape(2, 1, 1), "factor": 3})
    return torch.export.export(
        Model().eval(), example, {"flip": True},
        dynamic_shapes={"x": {0: batch, 3: width}, "options": {"bias": None, "factor": None}, "flip": None})
