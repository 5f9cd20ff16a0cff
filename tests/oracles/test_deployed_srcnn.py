"""SRCNN as it is deployed: a program exported with a fixed factor, a checkpoint of training code, and a factor that
the user gives when the model runs."""

import numpy
import pytest
import torch
from torch.nn import functional

import model as srcnn_model
import pytorch_srcnn

TOLERANCE = 1e-5  # of the largest value


class Fixed(srcnn_model.SRCNN):
    """SRCNN by a factor that is a number of the program."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def upsample(self, x):
        return functional.interpolate(x, scale_factor=self.factor, mode="bicubic", align_corners=False)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Weights as a training framework saves them: in a container, under the name of its attribute."""
    weights = pytorch_srcnn.network(torch.float32).state_dict()
    path = tmp_path_factory.mktemp("checkpoint") / "srcnn.pth"
    torch.save({"epoch": 7, "state_dict": {f"generator.{name}": weight for name, weight in weights.items()}}, path)
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The network with weights that nobody trained, open in height and width, exported for a factor of 3."""
    torch.manual_seed(1)
    height, width = torch.export.Dim("height", min=4, max=4096), torch.export.Dim("width", min=4, max=4096)
    exported = torch.export.export(Fixed(3.0).eval(), (torch.rand(1, 3, 20, 30),),
                                   dynamic_shapes=({2: height, 3: width},))
    path = tmp_path_factory.mktemp("program") / "srcnn.pt2"
    torch.export.save(exported, path)
    return path


@pytest.fixture(scope="module")
def deployed(slipway, program, checkpoint, tmp_path_factory):
    """The model that is shipped."""
    path = tmp_path_factory.mktemp("deployed") / "srcnn.onnx"
    slipway.start("convert", program, "-o", path, "--weights", checkpoint, "--strip-prefix", "generator.",
                  "--dynamic", "picture=1,3,h,w", "--scale-input", "factor")
    return path


@torch.no_grad()
def expected(picture, factor):
    network = Fixed(factor).eval()
    network.load_state_dict(pytorch_srcnn.network(torch.float32).state_dict())
    return network(torch.from_numpy(picture)).numpy()


@pytest.mark.parametrize("backend", ["native", "onnxruntime"])
@pytest.mark.parametrize("factor", [2.0, 3.0, 4.0, 2.5])
@pytest.mark.parametrize("height, width", [(21, 34), (64, 50)])
def test_equals_pytorch_for_every_factor(slipway, deployed, backend, factor, height, width):
    picture = pytorch_srcnn.smooth(height, width)
    given = {"picture": picture, "factor": numpy.array([factor], numpy.float32)}
    (actual,) = slipway.run_tensors(deployed, given, backend=backend).values()
    wanted = expected(picture, factor)
    assert actual.shape == wanted.shape
    assert abs(actual - wanted).max() <= TOLERANCE * abs(wanted).max()


def test_lists_all_weights_that_do_not_fit(slipway, program, checkpoint, tmp_path):
    weights = torch.load(checkpoint)["state_dict"]
    names = sorted(weights)
    weights["generator.extra.weight"] = torch.zeros(3)
    weights[names[0]] = torch.zeros(5, 5)
    del weights[names[1]]
    torch.save(weights, tmp_path / "damaged.pth")
    failed = slipway.attempt("convert", program, "-o", tmp_path / "out.onnx", "--weights", tmp_path / "damaged.pth")
    assert failed.returncode == 1
    for name in ["extra.weight", *(name.removeprefix("generator.") for name in names[:2])]:
        assert name in failed.stderr
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize("sizes, complaint", [
    ("picture=1,3,h", "axes"),
    ("picture=batch,3,h,w", "axis 0"),
    ("picture=1,3,side,side", "side"),
    ("y=1,3,h,w", "no input 'y'"),
    ("picture=1,3,2,w", "sizes from 4"),
])
def test_refuses_sizes_that_the_program_does_not_leave_open(slipway, program, tmp_path, sizes, complaint):
    failed = slipway.attempt("convert", program, "-o", tmp_path / "out.onnx", "--dynamic", sizes)
    assert failed.returncode == 1
    assert complaint in failed.stderr
