"""`slipway convert --check`: what it prints of programs that are converted rightly, and that nothing is written where the
converted model computes something else."""

import copy
import re
import warnings
import zipfile

import onnx
import pytest
import torch
from torch.export import Dim

from command_line import onnxruntime_library
from dynamic_networks import NETWORKS


def save(module, inputs, path, dynamic=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, (), copy.deepcopy(inputs), dynamic_shapes=dynamic)
        torch.export.save(program, path)
    return path


def converted(slipway, program, model, *options):
    return slipway.attempt("convert", program, "-o", model, "--check", "--onnxruntime", onnxruntime_library(), *options)


class Mixed(torch.nn.Module):
    """A state, a number, an optional argument, and results of several types."""

    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(3))

    def forward(self, x, times, mask=None):
        self.count.add_(x.sum(0))
        return {"scaled": x * times, "place": x.argmax(1), "positive": x > 0, "sum": self.count.half()}


class Drawing(torch.nn.Module):
    def forward(self, x):
        return x + torch.rand_like(x)


@pytest.mark.parametrize("network, form", [(network, form) for network in NETWORKS for form in NETWORKS[network][1]])
def test_agrees(network, form, slipway, tmp_path):
    kind, forms = NETWORKS[network]
    program = save(kind().eval(), forms[form].right, tmp_path / "p.pt2", forms[form].dynamic)
    done = converted(slipway, program, tmp_path / "m.onnx")
    assert done.returncode == 0, done.stderr
    for name, tensor in forms[form].right.items():
        assert re.search(rf"^input +{name}: \w+\[{','.join(map(str, tensor.shape))}\]", done.stdout, re.M)
    assert "tolerance 0.0001 of a tensor's largest value" in done.stdout
    for engine in ["native", "onnxruntime"]:
        assert re.search(rf"^{engine} \d", done.stdout, re.M)
    largest = re.search(r"agrees with the program: the largest difference is ([\d.e+-]+)$", done.stdout.strip())
    assert float(largest.group(1)) < 1e-5
    onnx.checker.check_model(str(tmp_path / "m.onnx"), full_check=True)


def test_outputs_of_every_type(slipway, tmp_path):
    inputs = {"x": torch.randn(4, 3), "times": 3}
    program = save(Mixed(), inputs, tmp_path / "p.pt2", {"x": {0: Dim("rows")}, "times": Dim.DYNAMIC})
    done = converted(slipway, program, tmp_path / "m.onnx")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "input     times: i64[1]" in done.stdout
    assert "tolerance 0.005" in done.stdout  # computes in halves
    for output in ["'scaled' f32[4,3]", "'place' i64[4]", "'positive' bool[4,3]", "'sum' f16[3]"]:
        assert done.stdout.count(f"output {output}: ") == 2


def test_random_numbers_are_not_compared(slipway, tmp_path):
    program = save(Drawing(), {"x": torch.rand(3)}, tmp_path / "p.pt2")
    done = converted(slipway, program, tmp_path / "m.onnx")
    assert done.returncode == 0, done.stderr
    assert "draws random numbers" in done.stdout
    assert (tmp_path / "m.onnx").exists()


def test_a_factor_as_an_input(slipway, tmp_path):
    class Larger(torch.nn.Module):
        def forward(self, x):
            return torch.nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear")

    program = save(Larger(), {"x": torch.rand(1, 3, 5, 7)}, tmp_path / "p.pt2")
    done = converted(slipway, program, tmp_path / "m.onnx", "--scale-input", "factor")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "agrees" in done.stdout


class Brain(torch.nn.Module):
    """A convolution of bf16, which ONNX Runtime has no kernel for."""

    def forward(self, x):
        return torch.nn.functional.conv2d(x, torch.ones(2, 3, 3, 3, dtype=x.dtype))


def test_an_engine_that_does_not_take_the_file(slipway, tmp_path):
    """Where ONNX Runtime does not run the model, it is said, and nothing is written."""
    program = save(Brain(), {"x": torch.ones(1, 3, 5, 5, dtype=torch.bfloat16)}, tmp_path / "p.pt2")
    done = converted(slipway, program, tmp_path / "m.onnx", "--opset", 22)  # the first whose Conv takes bf16
    if done.returncode == 0:
        pytest.skip("this ONNX Runtime convolves bf16")
    assert done.returncode == 1
    assert "does not run it: " in done.stdout and "differs, so that nothing is written" in done.stdout
    assert not (tmp_path / "m.onnx").exists()


def test_without_onnxruntime(slipway, tmp_path):
    program = save(Drawing(), {"x": torch.rand(3)}, tmp_path / "p.pt2")
    done = slipway.attempt("convert", program, "-o", tmp_path / "m.onnx", "--check", "--onnxruntime", "/no/such/library")
    assert done.returncode == 0, done.stderr
    assert "not checked: " in done.stdout


def without_examples(program, path):
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            if "sample_inputs" not in entry.filename and "example_inputs" not in entry.filename:
                new.writestr(entry, old.read(entry))
    return path


def test_no_examples(slipway, tmp_path):
    program = save(Drawing(), {"x": torch.rand(3)}, tmp_path / "p.pt2")
    done = converted(slipway, without_examples(program, tmp_path / "q.pt2"), tmp_path / "m.onnx")
    assert done.returncode == 1
    assert "--check needs the inputs that the program was traced with" in done.stderr
    assert "slipway compare" in done.stderr
    assert not (tmp_path / "m.onnx").exists()


def test_examples_that_do_not_fit_the_sizes_that_are_set(slipway, tmp_path):
    kind, forms = NETWORKS["pyramid"]
    program = save(kind().eval(), forms["all"].right, tmp_path / "p.pt2", forms["all"].dynamic)
    done = converted(slipway, program, tmp_path / "m.onnx", "--input", "picture=f32[3,3,16,24]")
    assert done.returncode == 1
    assert "input 'picture'" in done.stderr and "axis 0 has size 2, but the model takes 3" in done.stderr
    assert not (tmp_path / "m.onnx").exists()


def test_a_model_has_no_examples(slipway, srcnn, tmp_path):
    done = slipway.attempt("convert", srcnn, "-o", tmp_path / "m.onnx", "--check")
    assert done.returncode == 2
    assert "slipway compare" in done.stderr
