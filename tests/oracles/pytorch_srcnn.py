"""SRCNN by PyTorch, in single or double precision, and the pictures to try it on."""

import functools
import pathlib

import numpy
import torch
from PIL import Image
from torch.nn import functional

import photographs
from model import SCALE, load_checkpoint

ROOT = pathlib.Path(__file__).resolve().parents[2]
REACH = 6     # rows above and below that the convolutions look at: 4 + 0 + 2
STRIP = 384   # rows done at once, so that 64 channels of a large picture fit into memory


@functools.cache
def network(dtype):
    return load_checkpoint(ROOT / "models/srcnn/srcnn_x3.pth").to(dtype)


@torch.no_grad()
def expected(picture, dtype=torch.float64):
    """What PyTorch makes of a float array [1, 3, height, width], as an array of the same kind.

    Large pictures are done in strips that overlap by what the convolutions reach.
    """
    model = network(dtype)
    enlarged = model.upsample(torch.from_numpy(picture).to(dtype))
    height = enlarged.shape[2]
    strips = []
    for top in range(0, height, STRIP):
        first, last = max(0, top - REACH), min(height, top + STRIP + REACH)
        strip = model.sharpen(enlarged[:, :, first:last])
        strips.append(strip[:, :, top - first:min(height, top + STRIP) - first])
    return torch.cat(strips, dim=2).numpy()


def noise(height, width):
    """Independent uniform samples: what shows an error in coordinates best."""
    return numpy.random.default_rng(height * 10007 + width).random(
        (1, 3, height, width), dtype=numpy.float32)


def smooth(height, width):
    """A photograph blown up, so that neighbouring samples differ little."""
    small = photographs.load(photographs.HELD_OUT["coffee"]).resize((96, 64), Image.BICUBIC)
    array = torch.from_numpy(photographs.to_array(small)).unsqueeze(0)
    large = functional.interpolate(array.double(), size=(height, width), mode="bicubic")
    return large.clamp(0, 1).float().numpy()


def photograph(height, width):
    """A picture of any size out of a held-out photograph, mirrored to fill it."""
    array = numpy.asarray(photographs.load(photographs.HELD_OUT["coffee"]))
    rows = (0, max(0, height - array.shape[0]))
    columns = (0, max(0, width - array.shape[1]))
    array = numpy.pad(array, (rows, columns, (0, 0)), mode="symmetric")
    return Image.fromarray(array[:height, :width])
