"""What `make demo` prints is true: its bicubics are Pillow's and PyTorch's, its decibels those of quality.py."""

import re

import command_line
import numpy
import pytest
import torch
from command_line import ROOT
from PIL import Image
from quality import psnr
from torch.nn import functional

NAMES = ["astronaut", "chelsea", "coffee"]
PICTURES = ROOT / "examples/pictures"


def by_pillow(small):
    """Each colour in floating point: of 8-bit pictures Pillow rounds and clips what lies between the axes."""
    size = (3 * small.width, 3 * small.height)
    colors = [color.convert("F").resize(size, Image.BICUBIC) for color in small.split()]
    return numpy.stack([numpy.asarray(color) for color in colors], axis=-1)


def by_pytorch(small):
    array = torch.from_numpy(numpy.array(small, dtype=numpy.float64)).permute(2, 0, 1).unsqueeze(0)
    large = functional.interpolate(array, scale_factor=3, mode="bicubic", align_corners=False)
    return large[0].permute(1, 2, 0).numpy()


def enlarged(slipway, model, name, folder):
    target = folder / f"{model.stem}.png"
    slipway.run_picture(model, PICTURES / f"{name}_lr.png", target)
    return target


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "oracle"), [("pillow", by_pillow), ("pytorch", by_pytorch)])
def test_bicubic(slipway, tmp_path, name, kind, oracle):
    written = Image.open(enlarged(slipway, ROOT / f"models/bicubic/{kind}_x3.onnx", name, tmp_path))
    exact = numpy.clip(oracle(Image.open(PICTURES / f"{name}_lr.png")), 0, 255)
    # Half a level is what rounding to 8 bits may do.
    assert numpy.abs(numpy.asarray(written, dtype=numpy.float64) - exact).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_pillows_own_rounding_makes_no_difference(slipway, tmp_path, name):
    small, truth = (Image.open(PICTURES / f"{name}{end}.png") for end in ("_lr", ""))
    ours = Image.open(enlarged(slipway, ROOT / "models/bicubic/pillow_x3.onnx", name, tmp_path))
    theirs = small.resize(truth.size, Image.BICUBIC)
    assert psnr(ours, truth) == pytest.approx(psnr(theirs, truth), abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_decibels(slipway, srcnn, tmp_path, name):
    program = command_line.Slipway(command_line.find("SLIPWAY_GAIN", "build/release/slipway_gain"))
    truth = PICTURES / f"{name}.png"
    paths = [enlarged(slipway, model, name, tmp_path)
             for model in (srcnn, *sorted((ROOT / "models/bicubic").glob("*.onnx")))]
    model, *bicubics = (psnr(Image.open(path), Image.open(truth)) for path in paths)
    printed = [float(number) for number in re.findall(r"[+-]?\d+\.\d+", program.start(truth, *paths))]
    assert printed == pytest.approx([model, max(bicubics), model - max(bicubics)], abs=0.0051)
