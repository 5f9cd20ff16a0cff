"""How close an enlarged photograph comes to the truth: PSNR of the BT.601 luma."""

import numpy

BORDER = 6


def luma(picture):
    """BT.601 luma of an 8-bit RGB picture, unrounded, 0 to 255."""
    return numpy.asarray(picture, dtype=numpy.float64) @ numpy.array([0.299, 0.587, 0.114])


def psnr(picture, truth):
    """Luma PSNR in dB of two 8-bit RGB pictures of one size, without 6 pixels of border."""
    if picture.size != truth.size:
        raise ValueError(f"sizes differ: {picture.size} and {truth.size}")
    inside = slice(BORDER, -BORDER)
    difference = (luma(picture) - luma(truth))[inside, inside]
    return 10 * numpy.log10(255.0**2 / numpy.mean(difference**2))
