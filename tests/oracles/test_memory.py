"""A large photograph goes through SRCNN in the memory of a small machine."""

import pytest

import pytorch_srcnn


@pytest.mark.parametrize(("side", "limit_megabytes"), [(1024, 400), (2560, 1000)])
def test_peak_memory(slipway, srcnn, tmp_path, side, limit_megabytes):
    pytorch_srcnn.photograph(side, side).save(tmp_path / "photograph.png")
    peak = slipway.peak_megabytes("run", srcnn, tmp_path / "photograph.png", "-o", tmp_path / "out.png")
    assert peak <= limit_megabytes
