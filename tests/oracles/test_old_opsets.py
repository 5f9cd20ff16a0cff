"""Operators as older opsets have them, whose attributes became inputs or whose meaning changed, against ONNX Runtime,
which runs those versions as they are."""

import numpy

import single_operator

RANDOM = numpy.random.default_rng(5)


def floats(*shape):
    return RANDOM.normal(size=shape).astype(numpy.float32)


def below(limit, *shape):
    return RANDOM.integers(0, limit, shape)


REDUCTIONS = ["ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
              "ReduceSum", "ReduceSumSquare"]
# Operator, opset, inputs, attributes, number of outputs.
CASES = [
    ("GlobalLpPool", 7, [floats(2, 3, 4, 5)], {"p": 2}, 1),
    ("GroupNormalization", 18, [floats(2, 6, 3, 2), floats(3), floats(3)], {"num_groups": 3}, 1),
    ("Hardmax", 7, [floats(2, 3, 4)], {}, 1),
    ("InstanceNormalization", 7, [floats(2, 3, 4), floats(3), floats(3)], {}, 1),
    ("LpNormalization", 7, [floats(2, 3, 4)], {"axis": 1, "p": 1}, 1),
    ("MaxRoiPool", 7, [floats(1, 2, 6, 6), numpy.array([[0, 0, 0, 4, 4]], numpy.float32)],
     {"pooled_shape": [2, 2]}, 1),
    ("OneHot", 9, [below(4, 3), numpy.array(4), floats(2)], {"axis": 0}, 1),
    ("Pad", 7, [floats(2, 3)], {"pads": [1, 0, 0, 2], "value": 0.5}, 1),
    ("Pad", 7, [floats(2, 3)], {"pads": [0, 1, 0, 2], "mode": "reflect"}, 1),
    ("Resize", 10, [floats(1, 1, 2, 3), numpy.array([1, 1, 2, 3], numpy.float32)], {}, 1),
    ("Resize", 10, [floats(1, 1, 2, 3), numpy.array([1, 1, 2, 3], numpy.float32)], {"mode": "linear"}, 1),
    ("Scatter", 9, [floats(3, 4), below(3, 1, 4), floats(1, 4)], {}, 1),
    ("Scatter", 9, [floats(3, 4), below(4, 3, 1), floats(3, 1)], {"axis": 1}, 1),
    ("TopK", 9, [floats(3, 5)], {"k": 2, "axis": 0}, 2),
    ("TopK", 9, [floats(3, 5)], {"k": 3}, 2),
    ("TopK", 10, [floats(3, 5), numpy.array([2])], {}, 2),
    ("Upsample", 7, [floats(1, 1, 2, 3)], {"scales": [1.0, 1.0, 2.0, 3.0]}, 1),
    ("Upsample", 7, [floats(1, 1, 2, 3)], {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "linear"}, 1),
    *[(operator, opset, [floats(3, 4, 2)], attributes, 1)
      for operator in REDUCTIONS for opset in (7, 11, 12) for attributes in ({}, {"axes": [0, 2], "keepdims": 0})],
]


def test_old_operators_mean_what_they_meant(slipway, tmp_path):
    for place, (operator, opset, inputs, attributes, outputs) in enumerate(CASES):
        model = single_operator.model_of(operator, inputs, attributes, outputs, opset)
        single_operator.write(tmp_path / f"{place}_{operator}_{opset}", model, inputs)
    assert not single_operator.failures(slipway, tmp_path, len(CASES))
