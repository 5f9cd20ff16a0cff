"""The photographs that SRCNN is trained and tested on, and how a small picture is made of them.

They lie inside the installed packages scikit-image and scikit-learn; nothing is downloaded. Their
licences are listed in README.md. The ones kept out for testing are never seen by train.py.
"""

from importlib import resources

import numpy
from PIL import Image

SCALE = 3

TRAINING = {
    "brick": "skimage/data/brick.png",
    "camera": "skimage/data/camera.png",
    "china": "sklearn/datasets/images/china.jpg",
    "flower": "sklearn/datasets/images/flower.jpg",
    "grass": "skimage/data/grass.png",
    "gravel": "skimage/data/gravel.png",
    "immunohistochemistry": "skimage/data/ihc.png",
    "retina": "skimage/data/retina.jpg",
    "rocket": "skimage/data/rocket.jpg",
}

HELD_OUT = {
    "astronaut": "skimage/data/astronaut.png",
    "chelsea": "skimage/data/chelsea.png",
    "coffee": "skimage/data/coffee.png",
}


def load(place):
    """The photograph at `place` ("package/path/in/it") as an 8-bit RGB picture."""
    package, path = place.split("/", 1)
    with (resources.files(package) / path).open("rb") as file:
        return Image.open(file).convert("RGB")


def crop_to_scale(picture):
    """Cuts right and bottom so that both sides are multiples of the scale."""
    width, height = picture.size
    return picture.crop((0, 0, width - width % SCALE, height - height % SCALE))


def shrink(picture):
    """The small picture: a third of each side by Pillow's BICUBIC, on 8-bit samples."""
    width, height = picture.size
    return picture.resize((width // SCALE, height // SCALE), Image.BICUBIC)


def held_out():
    """Yields name, small picture and truth of each photograph that is kept out for testing."""
    for name, place in HELD_OUT.items():
        truth = crop_to_scale(load(place))
        yield name, shrink(truth), truth


def to_array(picture):
    """An RGB picture as float32 [3, height, width] in [0, 1]."""
    return numpy.asarray(picture, dtype=numpy.float32).transpose(2, 0, 1) / numpy.float32(255)


def to_picture(array):
    """The other way: [3, height, width] to 8 bits, clipped, rounded to nearest."""
    samples = numpy.rint(numpy.clip(array, 0, 1) * numpy.float32(255)).astype(numpy.uint8)
    return Image.fromarray(numpy.ascontiguousarray(samples.transpose(1, 2, 0)))
