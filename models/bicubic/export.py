"""Writes the two bicubic enlargements that SRCNN is compared with, each a model of one Resize node.

    python models/bicubic/export.py

tests/oracles/test_demo.py holds them against Pillow and PyTorch.
"""

import json
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

SCALE = 3
OPSET = 18
IR_VERSION = 8
FOLDER = pathlib.Path(__file__).parent

# The parameter of Keys' kernel, and whether taps outside of the picture are left out or repeat its edge.
KINDS = {
    "pillow": {"cubic_coeff_a": -0.5, "exclude_outside": 1},
    "pytorch": {"cubic_coeff_a": -0.75, "exclude_outside": 0},
}

PIPELINE = {
    "version": 1,
    "task": "super-resolution",
    "input": {"color": "RGB", "range": [0, 255], "typical_size": [256, 256]},
    "output": {"color": "RGB", "range": [0, 255]},
    "scale": SCALE,
}


def to_onnx(kind):
    """The enlargement as an ONNX model; batch, height and width are free."""
    node = helper.make_node(
        "Resize", ["input", "", "scales"], ["output"], name="enlarge", mode="cubic",
        coordinate_transformation_mode="half_pixel", **KINDS[kind])
    scales = numpy_helper.from_array(numpy.array([1, 1, SCALE, SCALE], dtype=numpy.float32), "scales")
    picture = helper.make_tensor_value_info(
        "input", TensorProto.FLOAT, ["batch", 3, "height", "width"])
    enlarged = helper.make_tensor_value_info(
        "output", TensorProto.FLOAT, ["batch", 3, f"{SCALE}*height", f"{SCALE}*width"])
    graph = helper.make_graph([node], f"{kind}_x3", [picture], [enlarged], [scales])
    result = helper.make_model(
        graph, producer_name="slipway models/bicubic", ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)])
    helper.set_model_props(result, {"slipway.pipeline": json.dumps(PIPELINE)})
    onnx.checker.check_model(result, full_check=True)
    return result


def main():
    for kind in KINDS:
        onnx.save(to_onnx(kind), FOLDER / f"{kind}_x3.onnx")


if __name__ == "__main__":
    main()
