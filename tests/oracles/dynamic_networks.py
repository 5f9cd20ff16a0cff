"""Networks whose sizes stay open, and the forms in which they are exported: `NETWORKS`, by name.

Each form has three calls: on the inputs that it was traced with (`right`), on others that it takes (`other`), and on
some that it excludes (`wrong`), with what the message about these must say.
"""

import dataclasses

import torch
from torch.export import Dim


class Pyramid(torch.nn.Module):
    """Convolutions that halve a picture twice and enlarge it again, with a skip: sizes are multiples of 8."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU())
        self.down = torch.nn.Conv2d(8, 16, 4, stride=4)
        self.up = torch.nn.ConvTranspose2d(16, 8, 4, stride=4)
        self.last = torch.nn.Conv2d(16, 12, 3, padding=1)
        with torch.no_grad():
            self.first[1].running_mean.uniform_(-1, 1)
            self.first[1].running_var.uniform_(0.5, 2)

    def forward(self, picture):
        first = self.first(picture)
        up = self.up(torch.relu(self.down(first)))
        mean = first.mean((2, 3), keepdim=True)
        return torch.nn.functional.pixel_shuffle(self.last(torch.cat([up, first * mean], 1)), 2)


class Reader(torch.nn.Module):
    """Attention over tokens, with positions and a mask: all that a transformer does with its sizes."""

    POSITIONS = 32

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.tokens, self.positions = torch.nn.Embedding(50, 24), torch.nn.Embedding(self.POSITIONS, 24)
        self.norm, self.project = torch.nn.LayerNorm(24), torch.nn.Linear(24, 72)
        self.out, self.head = torch.nn.Linear(24, 24), torch.nn.Linear(24, 50)

    def forward(self, tokens, mask):
        batch, length = tokens.shape
        x = self.tokens(tokens) + self.positions(torch.arange(length))
        parts = self.project(self.norm(x)).view(batch, length, 3, 4, 6).permute(2, 0, 3, 1, 4)
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        allowed = causal & mask[:, None, None, :]
        attended = torch.nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], allowed)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, length, 24))
        return self.head(x), x.mean(1)


def picture(*sizes):
    return {"picture": torch.rand(sizes, generator=torch.Generator().manual_seed(sum(sizes)))}


def text(batch, length, mask=None):
    generator = torch.Generator().manual_seed(batch + length)
    allowed = torch.rand(mask or (batch, length), generator=generator) > 0.3
    allowed[:, 0] = True  # everybody sees something
    return {"tokens": torch.randint(0, 50, (batch, length), generator=generator), "mask": allowed}


@dataclasses.dataclass
class Form:
    dynamic: object  # as torch.export takes it
    right: dict
    other: dict
    wrong: list  # of (inputs, what the message says of them)
    takes_other: bool = True
    other_says: tuple = ()


def batch():
    return Dim("batch", min=2, max=16)


NETWORKS = {
    "pyramid": (Pyramid, {
        "static": Form(
            None, picture(2, 3, 16, 24), picture(3, 3, 16, 24),
            [(picture(2, 4, 16, 24), ("input 'picture'", "axis 1 has size 4", "takes 3")),
             ({"picture": torch.rand(2, 3, 16)}, ("input 'picture'", "rank 3", "rank 4"))],
            takes_other=False, other_says=("input 'picture'", "axis 0 has size 3", "takes 2")),
        "batch": Form(
            {"picture": {0: batch()}}, picture(2, 3, 16, 24), picture(5, 3, 16, 24),
            [(picture(1, 3, 16, 24), ("input 'picture'", "axis 0", "has size 1", "2 <= ", " <= 16")),
             (picture(17, 3, 16, 24), ("input 'picture'", "axis 0", "has size 17", "2 <= ", " <= 16")),
             (picture(2, 3, 24, 24), ("input 'picture'", "axis 2 has size 24", "takes 16"))]),
        "all": Form(
            {"picture": {0: batch(), 2: 8 * Dim("rows", max=8), 3: 8 * Dim("columns", max=8)}},
            picture(2, 3, 16, 24), picture(3, 3, 40, 16),
            [(picture(2, 3, 20, 24), ("input 'picture'", "axis 2 has size 20", "a multiple of 8")),
             (picture(2, 3, 16, 72), ("input 'picture'", "axis 3", "has size 72", "<= 64")),
             (picture(2, 1, 16, 24), ("input 'picture'", "axis 1 has size 1", "takes 3"))]),
    }),
    "reader": (Reader, {
        "static": Form(
            None, text(2, 7), text(2, 9),
            [(text(2, 7, mask=(2, 6)), ("input 'mask'", "axis 1 has size 6", "takes 7"))],
            takes_other=False, other_says=("input 'tokens'", "axis 1 has size 9", "takes 7")),
        "batch": Form(
            {"tokens": {0: batch()}, "mask": {0: batch()}}, text(2, 7), text(6, 7),
            [(text(1, 7), ("input 'tokens'", "axis 0", "has size 1", "2 <= ")),
             (text(3, 7, mask=(2, 7)), ("input 'mask'", "axis 0", "has size 2", "3 already", "input 'tokens'")),
             (text(2, 9), ("input 'tokens'", "axis 1 has size 9", "takes 7"))]),
        "all": Form(
            {"tokens": {0: batch(), 1: Dim("length", min=3, max=Reader.POSITIONS)},
             "mask": {0: batch(), 1: Dim("length", min=3, max=Reader.POSITIONS)}},
            text(2, 7), text(4, 30),
            [(text(2, 33), ("input 'tokens'", "axis 1", "has size 33", "3 <= ", " <= 32")),
             (text(2, 2), ("input 'tokens'", "axis 1", "has size 2", "3 <= ")),
             (text(2, 7, mask=(2, 8)), ("input 'mask'", "axis 1", "has size 8", "7 already"))]),
    }),
}
