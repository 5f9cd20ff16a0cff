"""Writes the SRCNN goldens: random inputs and what PyTorch makes of them, as .npy in srcnn/.

    python tests/golden/make_srcnn.py

PyTorch runs in double precision and its output is rounded to float32: in single precision its own
error in sample coordinates would be part of the golden (see tests/oracles/test_srcnn.py).
"""

import pathlib
import sys

import numpy
import torch

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models/srcnn"
sys.path.insert(0, str(MODEL))

from model import load_checkpoint  # noqa: E402  (its folder has only now become known)

SIZES = [(1, 1), (17, 5), (24, 31)]  # height, width
SEED = 3


@torch.no_grad()
def main():
    network = load_checkpoint(MODEL / "srcnn_x3.pth").double()
    random = numpy.random.default_rng(SEED)
    for height, width in SIZES:
        picture = random.random((1, 3, height, width), dtype=numpy.float32)
        enlarged = network(torch.from_numpy(picture).double()).numpy().astype(numpy.float32)
        numpy.save(HERE / f"srcnn/{height}x{width}_input.npy", picture)
        numpy.save(HERE / f"srcnn/{height}x{width}_output.npy", enlarged)


if __name__ == "__main__":
    main()
