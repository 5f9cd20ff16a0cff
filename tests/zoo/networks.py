"""Which networks there are: how each is built, with random weights, and what goes in."""

import collections.abc
import dataclasses
import functools
import json
import pathlib
import zlib

import torchvision_operators  # noqa: F401  before anything that imports torchvision
import timm
import torch
from torchvision.models import get_model

import super_resolution
import weights

FAMILIES = pathlib.Path(__file__).with_name("timm_families.json")


def pictures(shape):
    """What a network takes: one tensor, the batch first."""
    return lambda batch, random, size=shape[1:]: (torch.randn(batch, shape[0], *size, generator=random),)


def list_of_pictures(shape):
    """What a detector takes: pictures between 0 and 1, each by itself."""
    return lambda batch, random: ([torch.rand(shape, generator=random) for _ in range(batch)],)


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    group: str
    construct: collections.abc.Callable  # () -> module
    inputs: collections.abc.Callable     # (batch, random) -> arguments
    batched: bool = True                 # whether the first axis of the input is a batch
    sizes: tuple = ()                    # other heights and widths that it takes, if it takes any
    multiple: int = 1                    # heights and widths that torch.export can prove to fit are multiples of this
    faint: tuple = ()                    # layers whose weights are divided by 20, so that scores do not all saturate

    @property
    def seed(self):
        return zlib.crc32(self.name.encode())

    def arguments(self, batch=1, case=0, **size):
        return self.inputs(batch, torch.Generator().manual_seed(self.seed + case), **size)

    def build(self):
        """The network in evaluation mode, the same at each call."""
        torch.manual_seed(self.seed)
        network = self.construct().eval().requires_grad_(False)
        weights.randomise(network, self.arguments(batch=2, case=-1), self.seed)
        for name in self.faint:
            network.get_submodule(name).weight.div_(20)
        return network


# Heights and widths away from the usual ones, in steps. Three are run; the others stand in for those that PyTorch's
# program refuses, which some exports make particular about what a window of 7 leaves over.
STEPS_AWAY = ((1, 0), (0, 2), (-1, -1), (2, 1), (1, 1), (3, 0), (0, 1), (-1, 0), (4, 2), (0, 7), (7, 0), (7, 7))


def other_sizes(shape, multiple):
    """Heights and widths near those of a shape, one for each of STEPS_AWAY."""
    height, width = (-size % multiple + size for size in shape[1:])
    step = max(multiple, 8)
    return tuple((height + down * step, width + right * step) for down, right in STEPS_AWAY)


# What timm's networks reduce pictures by. Most that attend have pictures of one size: PyTorch's errors say which.
STRIDE = 32


def timm_networks():
    for row in json.loads(FAMILIES.read_text()):
        yield Network(row["model"], "timm", functools.partial(timm.create_model, row["model"], pretrained=False),
                      pictures(row["input"]), sizes=other_sizes(row["input"], STRIDE), multiple=STRIDE)


# Name, the shape of a picture or a clip, other heights and widths.
TORCHVISION = [
    ("resnet50", (3, 224, 224), ()),
    ("vit_b_16", (3, 224, 224), ()),
    ("shufflenet_v2_x0_5", (3, 224, 224), ()),
    ("fcn_resnet50", (3, 128, 160), ((96, 128), (160, 128), (128, 224))),
    ("deeplabv3_mobilenet_v3_large", (3, 128, 160), ((96, 128), (160, 128), (128, 224))),
    ("lraspp_mobilenet_v3_large", (3, 128, 160), ((96, 128), (160, 128), (128, 224))),
    ("r3d_18", (3, 8, 112, 112), ()),
    ("mvit_v2_s", (3, 16, 224, 224), ()),
]
DETECTORS = [
    ("fasterrcnn_mobilenet_v3_large_320_fpn", (3, 240, 320), {}, ()),
    ("keypointrcnn_resnet50_fpn", (3, 240, 320), {}, ()),
    ("retinanet_resnet50_fpn", (3, 240, 320), {"min_size": 240, "topk_candidates": 100, "detections_per_img": 10},
     ("head.classification_head.cls_logits", "head.regression_head.bbox_reg")),
    ("ssdlite320_mobilenet_v3_large", (3, 320, 320), {"topk_candidates": 30}, ()),  # of each of 90 classes
]


def torchvision_networks():
    for name, shape, sizes in TORCHVISION:
        segments = {"weights_backbone": None} if sizes else {}
        construct = functools.partial(get_model, name, weights=None, **segments)
        yield Network(name, "torchvision", construct, pictures(shape), sizes=sizes)
    for name, shape, options, faint in DETECTORS:
        construct = functools.partial(get_model, name, weights=None, weights_backbone=None, **options)
        yield Network(name, "torchvision", construct, list_of_pictures(shape), batched=False, faint=faint)


def super_resolution_networks():
    for name, (construct, shape, multiple) in super_resolution.NETWORKS.items():
        yield Network(name, "super-resolution", construct, pictures(shape), sizes=other_sizes(shape, multiple),
                      multiple=multiple)


@functools.cache
def all_networks():
    """Every network by its name."""
    return {network.name: network
            for networks in (timm_networks(), torchvision_networks(), super_resolution_networks())
            for network in networks}
