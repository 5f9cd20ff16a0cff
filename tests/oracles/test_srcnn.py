"""SRCNN: equal to PyTorch, equal to ONNX Runtime, equal to itself.

About the inputs. Both oracles compute the place that a sample of the enlarged picture comes from in
single precision, and each rounds in its own way: at column 1000 they are off by about 5e-5 of a
sample. On a smooth picture that is nothing. On noise it makes the two differ from each other by
more than 1e-5 from 85x85 upwards, so nobody can equal both. There, and on photographs, the
oracle is PyTorch in double precision, which has no such error.
"""

import numpy
import pytest
import torch
from PIL import Image

import photographs
import pytorch_srcnn
from closeness import assert_close

TOLERANCE = 1e-5
# The largest takes PyTorch minutes in double precision.
SIZES = [(1, 1), (17, 5), (85, 85), (256, 263), pytest.param(1024, 1024, marks=pytest.mark.long)]
ISA_FLAGS = {"avx3": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"},
             "avx2": {"avx2", "fma", "f16c", "bmi2"},
             "sse4": {"sse4_1", "sse4_2"},
             "scalar": set()}


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_equals_pytorch_on_a_smooth_picture(slipway, srcnn, height, width):
    picture = pytorch_srcnn.smooth(height, width)
    output = slipway.run_tensors(srcnn, {"input": picture})["output"]
    assert_close(output, pytorch_srcnn.expected(picture, torch.float32), TOLERANCE)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_equals_onnxruntime_on_a_smooth_picture(slipway, srcnn, height, width):
    picture = pytorch_srcnn.smooth(height, width)
    output = slipway.run_tensors(srcnn, {"input": picture})["output"]
    other = slipway.run_tensors(srcnn, {"input": picture}, backend="onnxruntime")["output"]
    assert_close(output, other, TOLERANCE)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_equals_pytorch_in_double_precision_on_noise(slipway, srcnn, height, width):
    picture = pytorch_srcnn.noise(height, width)
    output = slipway.run_tensors(srcnn, {"input": picture})["output"]
    assert_close(output, pytorch_srcnn.expected(picture), TOLERANCE)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (17, 5)])
def test_equals_single_precision_on_small_noise(slipway, srcnn, height, width):
    picture = pytorch_srcnn.noise(height, width)
    output = slipway.run_tensors(srcnn, {"input": picture})["output"]
    other = slipway.run_tensors(srcnn, {"input": picture}, backend="onnxruntime")["output"]
    assert_close(output, pytorch_srcnn.expected(picture, torch.float32), TOLERANCE)
    assert_close(output, other, TOLERANCE)


def test_a_batch_is_its_pictures(slipway, srcnn):
    pictures = numpy.concatenate([pytorch_srcnn.noise(19, 23), pytorch_srcnn.smooth(19, 23)])
    output = slipway.run_tensors(srcnn, {"input": pictures})["output"]
    assert_close(output, pytorch_srcnn.expected(pictures), TOLERANCE)


def assert_same_picture(actual, expected):
    """At most one level off, on fewer than 0.1% of the samples."""
    actual, expected = (numpy.asarray(picture, dtype=numpy.int16) for picture in (actual, expected))
    assert actual.shape == expected.shape
    difference = numpy.abs(actual - expected)
    assert difference.max() <= 1
    assert numpy.count_nonzero(difference) < 0.001 * difference.size


@pytest.mark.parametrize(("height", "width"), [(85, 85), (256, 263), (400, 600)])
def test_written_picture(slipway, srcnn, tmp_path, height, width):
    small = pytorch_srcnn.photograph(height, width)
    small.save(tmp_path / "small.png")
    slipway.run_picture(srcnn, tmp_path / "small.png", tmp_path / "native.png")
    slipway.run_picture(srcnn, tmp_path / "small.png", tmp_path / "other.png", backend="onnxruntime")
    native = Image.open(tmp_path / "native.png")
    assert native.mode == "RGB"

    array = photographs.to_array(small)[numpy.newaxis]
    truth = pytorch_srcnn.expected(array, torch.float32)[0]
    assert_same_picture(native, photographs.to_picture(truth))
    assert_same_picture(native, Image.open(tmp_path / "other.png"))


@pytest.mark.parametrize(("height", "width"), [(17, 5), (85, 85), (256, 263)])
def test_same_bits_for_every_number_of_threads(slipway, srcnn, height, width):
    inputs = {"input": pytorch_srcnn.noise(height, width)}
    outputs = [slipway.run_tensors(srcnn, inputs, threads=threads)["output"].tobytes()
               for threads in (1, 2, 5)]
    assert outputs[0] == outputs[1] == outputs[2]


def test_same_bits_in_twenty_runs(slipway, srcnn):
    inputs = {"input": pytorch_srcnn.noise(85, 85)}
    outputs = {slipway.run_tensors(srcnn, inputs)["output"].tobytes() for _ in range(20)}
    assert len(outputs) == 1


def processor_flags():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("flags"):
                return set(line.split(":")[1].split())
    return set()


@pytest.mark.parametrize("isa", ISA_FLAGS)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (17, 5), (85, 85), (256, 263)])
def test_every_isa_level(slipway, srcnn, isa, height, width):
    if not ISA_FLAGS[isa] <= processor_flags():
        pytest.skip(f"this processor has no {isa}")
    picture = pytorch_srcnn.noise(height, width)
    output = slipway.run_tensors(srcnn, {"input": picture}, isa=isa)["output"]
    assert_close(output, pytorch_srcnn.expected(picture), TOLERANCE)
