"""The standard's tests on every instruction set that the machine has, and on any number of threads."""

import json
import pathlib
import re

import onnx.backend.test
import pytest

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"
SUITES = ["node", "simple", "pytorch-operator", "pytorch-converted", "light"]


def isas(slipway, model):
    """What this machine has, best first, from the message that lists them."""
    message = slipway.attempt("bench", model, isa="none of them").stderr
    return re.search(r"it has ([\w, ]+)", message)[1].split(", ")


def run(slipway, suites, isa=None, threads=1):
    """Each test's result and digest by suite and name."""
    done = slipway.attempt("test", *(DATA / suite for suite in suites), "--threads-each", threads, "--json", isa=isa)
    return {test["model"]: test for test in json.loads(done.stdout)["tests"]}


def test_every_isa_passes(slipway, srcnn):
    for isa in isas(slipway, srcnn):
        wrong = {name: test["reason"] for name, test in run(slipway, SUITES[:-1], isa=isa).items()
                 if test["result"] != "passed"}
        assert not wrong, isa


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_no_bit(slipway, threads):
    by_one = run(slipway, SUITES)
    by_many = run(slipway, SUITES, threads=threads)
    different = [name for name, test in by_one.items()
                 if test["judged"] == "by value" and by_many[name]["digest"] != test["digest"]]
    assert sum(test["digest"] != "0" * 16 for test in by_one.values()) > 1800
    # A test's digest is no constant.
    assert len({test["digest"] for test in by_one.values()}) > 900
    assert not different
