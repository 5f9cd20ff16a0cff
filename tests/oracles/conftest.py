"""Makes the model's scripts importable and hands the tests the command line and the model."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "models/srcnn"), str(HERE)]

import command_line  # noqa: E402  (its folder has only now become known)


def pytest_addoption(parser):
    parser.addoption("--every", type=int, default=1, metavar="N",
                     help="of suites of a thousand cases (marked `long`), run every Nth case alone")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: of which --every takes a share")


def pytest_collection_modifyitems(config, items):
    every = config.getoption("--every")
    long = [item for item in items if item.get_closest_marker("long")]
    left_out = {item for place, item in enumerate(long) if place % every}
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def slipway():
    """The command line under test."""
    return command_line.Slipway.find()


@pytest.fixture(scope="session")
def srcnn():
    """Where the committed SRCNN is."""
    return command_line.ROOT / "models/srcnn/srcnn_x3.onnx"


@pytest.fixture(scope="session")
def roundtrip():
    """The program that reads and writes models: one line IN<tab>OUT for each in the file it is given."""
    return command_line.find("SLIPWAY_ROUNDTRIP", "build/release/slipway_roundtrip")
