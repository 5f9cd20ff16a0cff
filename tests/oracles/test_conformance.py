"""The ONNX standard's own tests, by `slipway test`."""

import json
import pathlib
import shutil

import numpy
import onnx
import onnx.backend.test
import pytest
from onnx import numpy_helper

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"


# What does not pass yet though its operators are there, and why. Shrinks; nothing is added without a reason.
RANDOM = {"Bernoulli", "RandomUniformLike"}  # their tests hold one draw of a generator that the standard does not fix


def draws_numbers(test):
    """Is there a random operator in the model, its functions' bodies included?"""
    model = onnx.load(test["model"])
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    return bool(RANDOM & {node.op_type for node in nodes})


@pytest.mark.parametrize(("suite", "count"), [("node", 1765), ("simple", 23), ("pytorch-operator", 35),
                                              ("pytorch-converted", 82), ("light", 9)])
def test_suite(slipway, suite, count):
    """Whatever has all its operators gives what the standard expects."""
    done = slipway.attempt("test", DATA / suite, "--json")
    tests = json.loads(done.stdout)["tests"]
    assert len(tests) == count
    wrong = {test["name"]: test["reason"] for test in tests
             if test["result"] != "passed" and "has no operator" not in test["reason"]
             and not draws_numbers(test)}
    assert not wrong


def tampered(tmp_path, name, change):
    """A copy of a node test whose expected output is changed."""
    shutil.copytree(DATA / "node" / name, tmp_path / name)
    file = tmp_path / name / "test_data_set_0/output_0.pb"
    tensor = onnx.load_tensor(file)
    array = numpy_helper.to_array(tensor).copy()
    onnx.save_tensor(numpy_helper.from_array(change(array), tensor.name), file)
    return tmp_path


def one_element(array):
    array.flat[-1] += array.dtype.type(1)
    return array


@pytest.mark.parametrize(("name", "change", "says"), [
    ("test_add", one_element, "1 of 60 elements differ"),
    ("test_argmax_default_axis_example", one_element, "1 of 2 elements differ"),
    ("test_add", lambda array: array.astype(numpy.float64), "expected was f64[3,4,5]"),
    ("test_add", lambda array: array[..., :4], "expected was f32[3,4,4]"),
])
def test_a_tampered_expectation_is_reported(slipway, tmp_path, name, change, says):
    done = slipway.attempt("test", tampered(tmp_path, name, change))
    if "has no operator" in done.stdout:
        pytest.skip("the operator is not there yet")
    assert done.returncode == 1
    assert says in done.stdout
    assert done.stdout.endswith("0 passed, 1 failed\n")


def test_a_folder_without_tests_is_an_error(slipway, tmp_path):
    done = slipway.attempt("test", tmp_path)
    assert done.returncode == 1
    assert "no test cases below" in done.stderr
