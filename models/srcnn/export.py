"""Turns the checkpoint into srcnn_x3.onnx: prefix stripped, pipeline inside.

    python models/srcnn/export.py [--checkpoint FILE] [--out FILE]

The six nodes are written one by one, not traced, so that the file is the same whatever version of
PyTorch is installed. tests/oracles/test_srcnn.py holds it against PyTorch.
"""

import argparse
import json
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from model import SCALE, load_checkpoint

OPSET = 17
IR_VERSION = 8
FOLDER = pathlib.Path(__file__).parent

PIPELINE = {
    "version": 1,
    "task": "super-resolution",
    "input": {"name": "input", "color": "RGB", "layout": "NCHW", "range": [0, 1],
              "typical_size": [256, 256]},
    "output": {"name": "output", "color": "RGB", "layout": "NCHW", "range": [0, 1],
               "rounding": "nearest"},
    "scale": SCALE,
    "alpha": "bicubic",
}


def convolution(name, source, target, layer):
    """A Conv node that does what the PyTorch layer does."""
    padding = [layer.padding[0], layer.padding[1]]
    return helper.make_node(
        "Conv", [source, f"{name}.weight", f"{name}.bias"], [target], name=name,
        dilations=[1, 1], group=1, kernel_shape=list(layer.kernel_size), pads=padding * 2,
        strides=[1, 1])


def nodes(model):
    """The network. Resize's options are what PyTorch's bicubic without aligned corners computes."""
    return [
        helper.make_node(
            "Resize", ["input", "", "scales"], ["upsampled"], name="upsample", mode="cubic",
            coordinate_transformation_mode="half_pixel", cubic_coeff_a=-0.75),
        convolution("conv1", "upsampled", "conv1_out", model.conv1),
        helper.make_node("Relu", ["conv1_out"], ["relu1_out"], name="relu1"),
        convolution("conv2", "relu1_out", "conv2_out", model.conv2),
        helper.make_node("Relu", ["conv2_out"], ["relu2_out"], name="relu2"),
        convolution("conv3", "relu2_out", "output", model.conv3),
    ]


def to_onnx(model):
    """The network as an ONNX model; batch, height and width are free."""
    scales = numpy.array([1, 1, SCALE, SCALE], dtype=numpy.float32)
    weights = [numpy_helper.from_array(scales, "scales")]
    weights += [numpy_helper.from_array(value.detach().numpy(), name)
                for name, value in model.state_dict().items()]
    picture = helper.make_tensor_value_info(
        "input", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    enlarged = helper.make_tensor_value_info(
        "output", TensorProto.FLOAT, ["batch", 3, f"{SCALE}*height", f"{SCALE}*width"])
    graph = helper.make_graph(nodes(model), "srcnn_x3", [picture], [enlarged], weights)
    result = helper.make_model(
        graph, producer_name="slipway models/srcnn", ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        doc_string="SRCNN x3 (9-1-5) with bicubic upsampling inside")
    helper.set_model_props(result, {"slipway.pipeline": json.dumps(PIPELINE)})
    onnx.checker.check_model(result, full_check=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=pathlib.Path, default=FOLDER / "srcnn_x3.pth")
    parser.add_argument("--out", type=pathlib.Path, default=FOLDER / "srcnn_x3.onnx")
    arguments = parser.parse_args()
    onnx.save(to_onnx(load_checkpoint(arguments.checkpoint)), arguments.out)


if __name__ == "__main__":
    main()
