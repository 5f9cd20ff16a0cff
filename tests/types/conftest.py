"""Hands the tests the command line, as tests/oracles does."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oracles")]

import command_line  # noqa: E402  (its folder has only now become known)


@pytest.fixture(scope="session")
def slipway():
    """The command line under test."""
    return command_line.Slipway.find()
