"""RoiAlign against ONNX Runtime: both modes, both alignments, few samples and many."""

import numpy
import pytest

from single_operator import failures, model_of, write

RANDOM = numpy.random.default_rng(5)
IMAGE = RANDOM.uniform(-1, 1, (2, 3, 17, 23)).astype(numpy.float32)
# Most inside, some over an edge; and one that is a point.
CORNERS = RANDOM.uniform(-3, 30, (8, 2, 2)).astype(numpy.float32)
REGIONS = numpy.concatenate([numpy.sort(CORNERS, axis=1).reshape(8, 4), [[5, 5, 5, 5]]]).astype(numpy.float32)
IMAGES = numpy.arange(9) % 2


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("alignment", ["half_pixel", "output_half_pixel"])
def test_samples(mode, alignment, slipway, tmp_path):
    ratios = (0, 1, 2, 3, 40)  # ONNX Runtime's sums of far more samples are not exact to the tolerance
    for ratio in ratios:
        attributes = {"mode": mode, "coordinate_transformation_mode": alignment, "sampling_ratio": ratio,
                      "output_height": 3, "output_width": 4, "spatial_scale": 0.75}
        model = model_of("RoiAlign", [IMAGE, REGIONS, IMAGES], attributes, 1, 16)
        write(tmp_path / str(ratio), model, [IMAGE, REGIONS, IMAGES], atol=2e-6)
    assert not failures(slipway, tmp_path, len(ratios))
