"""Trains SRCNN x3 on the photographs of photographs.py and writes srcnn_x3.pth beside this file.

    python models/srcnn/train.py [--steps 6000] [--out FILE]

Takes minutes on two cores. The seed is fixed and the number of steps too, so that a second run on
the same machine and packages gives the same weights.
"""

import argparse
import math
import pathlib
import time

import numpy
import torch
from PIL import Image

import photographs
from model import SCALE, SRCNN, save_checkpoint

SEED = 20141
PATCH = 20            # side of a small patch; the large one is three times that
BATCH = 16
SIZES = (1.0, 0.8, 0.6, 0.45)  # each photograph is also used reduced: sharper, and other detail
LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def training_pairs():
    """(small, large) pictures as float arrays: every photograph at every size and offset."""
    pairs = []
    for place in photographs.TRAINING.values():
        original = photographs.load(place)
        for size in SIZES:
            width, height = (round(side * size) for side in original.size)
            reduced = original.resize((width, height), Image.LANCZOS) if size < 1 else original
            for offset in range(SCALE):
                truth = photographs.crop_to_scale(reduced.crop((offset, offset, width, height)))
                pairs.append((photographs.to_array(photographs.shrink(truth)),
                              photographs.to_array(truth)))
    return pairs


class Patches:
    """Draws random patches, the detailed ones more often, turned, mirrored and with colours swapped."""

    def __init__(self, pairs):
        self._pairs = pairs
        self._random = numpy.random.default_rng(SEED)
        areas = numpy.array([small[0].size for small, _ in pairs], dtype=numpy.float64)
        self._share = areas / areas.sum()

    def _one(self):
        small, large = self._pairs[self._random.choice(len(self._pairs), p=self._share)]
        top = self._random.integers(small.shape[1] - PATCH + 1)
        left = self._random.integers(small.shape[2] - PATCH + 1)
        return (small[:, top:top + PATCH, left:left + PATCH],
                large[:, SCALE * top:SCALE * (top + PATCH), SCALE * left:SCALE * (left + PATCH)])

    def _vary(self, pair):
        turns, mirror = self._random.integers(4), self._random.integers(2)
        colours = self._random.permutation(3)
        for picture in pair:
            picture = numpy.rot90(picture[colours], turns, axes=(1, 2))
            yield picture[:, :, ::-1] if mirror else picture

    def batch(self):
        """Two tensors: [BATCH, 3, PATCH, PATCH] and three times as large."""
        drawn = []
        while len(drawn) < BATCH:
            candidates = [self._one() for _ in range(2)]
            drawn.append(tuple(self._vary(max(candidates, key=lambda pair: pair[1].std()))))
        return (torch.from_numpy(numpy.stack([numpy.ascontiguousarray(p[k]) for p in drawn]))
                for k in range(2))


def border_weight(side, border=6, weight=0.1):
    """Pixels that the zero padding reaches count little: a patch has far more of them than a photograph."""
    mask = torch.full((side, side), weight)
    mask[border:-border, border:-border] = 1.0
    return mask / mask.mean()


def loss_of(output, truth, mask):
    """Squared error of the colours and, as much again, of the luma, which is what gets measured."""
    error = output - truth
    return ((error.square().mean(1) + (error * LUMA).sum(1).square()) * mask).mean()


def learning_rate(step, steps, peak, warm_up=100):
    """Linear warm-up, then half a cosine down to zero."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def train(steps, peak):
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    model = SRCNN()
    model.start_from_identity()
    model = model.to(memory_format=torch.channels_last)
    patches = Patches(training_pairs())
    optimiser = torch.optim.Adam(model.parameters())
    mask = border_weight(PATCH * SCALE)
    started, mean_loss = time.monotonic(), 0.0
    for step in range(steps):
        small, truth = patches.batch()
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, peak)
        enlarged = model.upsample(small).contiguous(memory_format=torch.channels_last)
        loss = loss_of(model.sharpen(enlarged), truth, mask)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        mean_loss += (loss.item() - mean_loss) * max(0.005, 1 / (step + 1))
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}/{steps}  loss {mean_loss:.6f}  "
                  f"{time.monotonic() - started:.0f} s", flush=True)
    return model.to(memory_format=torch.contiguous_format).eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--peak", type=float, default=2e-3, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).with_name("srcnn_x3.pth"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    save_checkpoint(train(arguments.steps, arguments.peak), arguments.out)


if __name__ == "__main__":
    main()
