"""Lets torchvision be imported, exported and run beside a PyTorch that its compiled part was not built for.

torchvision's wheel carries operators compiled against one build of PyTorch (with CUDA); beside another build they do
not load, and then importing torchvision fails as well. Importing this module first defines them in Python: the same
names and signatures, so that exported programs name what they always name, with kernels slow and plain. Where the
compiled part loads nothing is defined. Non-maximum suppression is the greedy one of the paper; RoIAlign is
torchvision's own formula in Python.

Importing it also replaces `batched_nms`: torchvision's chooses between two ways by the number of boxes, which torch.export
refuses in every detector.
"""

import importlib.util
import pathlib

import torch

SIGNATURES = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align": "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, "
                 "int sampling_ratio, bool aligned) -> Tensor",
}


def loads():
    folder = pathlib.Path(importlib.util.find_spec("torchvision").submodule_search_locations[0])
    try:
        torch.ops.load_library(folder / "_C.so")
        return True
    except OSError:
        return False


def overlaps(box, boxes):
    """Intersection over union of one box with many."""
    corner = torch.maximum(box[:2], boxes[:, :2])
    sides = (torch.minimum(box[2:], boxes[:, 2:]) - corner).clamp(min=0)
    shared = sides[:, 0] * sides[:, 1]
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return shared / ((box[2] - box[0]) * (box[3] - box[1]) + area - shared)


def nms(boxes, scores, threshold):
    """The kept places, best first: a box goes when it overlaps a better one that stays by more than the threshold."""
    kept, left = [], scores.argsort(descending=True, stable=True)
    while left.numel():
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[~(overlaps(boxes[best], boxes[left]) > threshold)]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.int64)


def roi_align(features, rois, scale, height, width, samples, aligned):
    return plain_roi_align(features, rois, scale, height, width, samples, aligned).contiguous()


def shape_of_roi_align(features, rois, scale, height, width, samples, aligned):
    return features.new_empty((rois.size(0), features.size(1), height, width))


if not loads():
    library = torch.library.Library("torchvision", "DEF")
    for name, signature in SIGNATURES.items():
        library.define(name + signature)
    library.impl("nms", nms, "CPU")
    library.impl("roi_align", roi_align, "CPU")
    torch.library.register_fake("torchvision::roi_align", shape_of_roi_align, lib=library)

    import torchvision  # noqa: E402

    layer = importlib.import_module("torchvision.ops.roi_align")  # the package has a function of this name
    plain_roi_align = getattr(layer._roi_align, "__wrapped__", layer._roi_align)
    for module in (layer, importlib.import_module("torchvision.ops.boxes")):
        module._has_ops = lambda: True
        module._assert_has_ops = lambda: None


import torchvision.ops.boxes  # noqa: E402


def batched_nms(boxes, scores, classes, threshold):
    """Boxes of different classes are moved apart, then one suppression serves all; right for no boxes too."""
    farthest = torch.cat([boxes.flatten(), boxes.new_zeros(1)]).max()
    apart = classes.to(boxes) * (farthest + 1)
    return torchvision.ops.boxes.nms(boxes + apart[:, None], scores, threshold)


torchvision.ops.boxes.batched_nms = batched_nms
