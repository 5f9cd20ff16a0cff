"""The Python package: a module goes in, a file that was held against it comes out, or nothing does."""

import os
import pathlib
import stat
import sys
import warnings

import numpy
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

import slipway as package  # noqa: E402  (its folder has only now become known)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.norm.running_mean.normal_()
        self.norm.running_var.uniform_(0.5, 2)
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        y = torch.relu(self.norm(self.conv(x)))
        return self.last(y), y + y


@pytest.fixture(autouse=True)
def program(slipway, monkeypatch):
    monkeypatch.setenv("SLIPWAY_CLI", slipway.program)
    warnings.filterwarnings("ignore", category=DeprecationWarning)


@pytest.fixture
def picture():
    return torch.rand(2, 3, 10, 12, generator=torch.Generator().manual_seed(2))


def test_the_file_computes_what_the_module_does(tmp_path, picture):
    model = Small().eval()
    path = package.export(model, (picture,), tmp_path / "small.onnx")
    assert path == tmp_path / "small.onnx" and os.listdir(tmp_path) == ["small.onnx"]
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    got = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    with torch.no_grad():
        for one, expected in zip(got, model(picture), strict=True):
            numpy.testing.assert_allclose(one, expected, rtol=1e-5, atol=1e-5)


def test_sizes_that_stay_open(tmp_path, picture):
    model = Small().eval()
    path = package.export(model, (picture,), tmp_path / "small.onnx", dynamic={"x": {0: "batch", 2: "h", 3: "w"}})
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["batch", 3, "h", "w"]
    other = torch.rand(1, 3, 7, 9)
    with torch.no_grad():
        numpy.testing.assert_allclose(session.run(None, {"x": other.numpy()})[0], model(other)[0], rtol=1e-5, atol=1e-5)


def test_sizes_of_nested_inputs(tmp_path):
    class Nested(nn.Module):
        def forward(self, pair, *, factor):
            return pair["a"][0] + factor + pair["a"][1]

    a, b = torch.rand(4, 3), torch.rand(4, 3)
    shape = {0: torch.export.Dim("rows")}
    path = package.export(Nested(), ({"a": [a, b]},), tmp_path / "nested.onnx", kwargs={"factor": torch.rand(3)},
                          dynamic={"pair": {"a": [shape, shape]}, "factor": None})
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [one.shape for one in session.get_inputs()] == [["rows", 3], ["rows", 3], [3]]


def test_options_reach_convert(tmp_path, picture):
    path = package.export(Small().eval(), (picture,), tmp_path / "small.onnx", opset=17, fold=False)
    model = onnx.load(path)
    assert model.opset_import[0].version == 17
    assert "BatchNormalization" in {node.op_type for node in model.graph.node}


def spoil(folder, slipway, monkeypatch, when):
    """A `slipway` whose convert writes wrong weights."""
    script = folder / "slipway"
    script.write_text(f"""#!{sys.executable}
import subprocess, sys, onnx
from onnx import numpy_helper
done = subprocess.run([{slipway.program!r}, *sys.argv[1:]])
if sys.argv[1] == "convert":
    path = sys.argv[sys.argv.index("-o") + 1]
    model = onnx.load(path)
    tensor = max(model.graph.initializer, key=lambda one: len(one.dims) * 1000 + one.dims[0])
    array = numpy_helper.to_array(tensor).copy()
    array.flat[0] += {when}
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    onnx.save(model, path)
sys.exit(done.returncode)
""")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("SLIPWAY_CLI", str(script))


def test_a_wrong_file_is_found_out_and_not_left(tmp_path, slipway, monkeypatch, picture):
    spoil(tmp_path, slipway, monkeypatch, 0.5)
    with pytest.raises(package.Mismatch, match=r"is up to .* from PyTorch's"):
        package.export(Small().eval(), (picture,), tmp_path / "small.onnx")
    assert os.listdir(tmp_path) == ["slipway"]
    assert package.export(Small().eval(), (picture,), tmp_path / "small.onnx", check=False).exists()


def test_the_node_is_named(tmp_path, slipway, monkeypatch, picture):
    """Outputs that are good enough do not hide a node that is not."""
    spoil(tmp_path, slipway, monkeypatch, 0.5)
    monkeypatch.setattr(package.prove, "outputs", lambda *_: None)
    with pytest.raises(package.Mismatch, match=r"differs: one place(.|\n)*Conv(.|\n)*differ in 1 of"):
        package.export(Small().eval(), (picture,), tmp_path / "small.onnx")


def test_what_cannot_be_converted_is_said(tmp_path):
    class Strange(nn.Module):
        def forward(self, x):
            return torch.special.modified_bessel_k1(x)

    with pytest.raises(package.CommandError, match="test_python_export.py"):
        package.export(Strange(), (torch.rand(3),), tmp_path / "strange.onnx")
    assert not os.listdir(tmp_path)


def test_without_the_program(tmp_path, monkeypatch, picture):
    monkeypatch.setenv("SLIPWAY_CLI", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="SLIPWAY_CLI"):
        package.export(Small().eval(), (picture,), tmp_path / "small.onnx")
