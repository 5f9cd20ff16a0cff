"""The ONNX standard's own tests, by `slipway test`."""

import json
import pathlib
import shutil

import command_line
import numpy
import onnx
import onnx.backend.test
import pytest
from onnx import numpy_helper

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"


# Their tests hold one draw of a generator that the standard does not fix.
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


def draws_numbers(test):
    """Is there a random operator in the model, its functions' bodies included?"""
    model = onnx.load(test["model"], load_external_data=False)
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    return bool(RANDOM & {node.op_type for node in nodes})


@pytest.mark.parametrize(("suite", "count"), [("node", 1765), ("simple", 23), ("pytorch-operator", 35),
                                              ("pytorch-converted", 82), ("light", 9)])
def test_suite(slipway, suite, count):
    """Everything gives what the standard expects."""
    done = slipway.attempt("test", DATA / suite, "--json")
    tests = json.loads(done.stdout)["tests"]
    assert len(tests) == count
    assert not {test["name"]: test["reason"] for test in tests if test["result"] != "passed"}
    drawn = {test["name"] for test in tests if test["judged"] == "by distribution"}
    assert drawn == {test["name"] for test in tests if draws_numbers(test)}


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
    ("test_bernoulli", lambda array: array[:4], "expected was f64[4]"),
    ("test_bernoulli_seed_expanded", lambda array: array.astype(numpy.float64), "expected was f64[10]"),
])
def test_a_tampered_expectation_is_reported(slipway, tmp_path, name, change, says):
    done = slipway.attempt("test", tampered(tmp_path, name, change))
    assert done.returncode == 1
    assert says in done.stdout
    assert done.stdout.endswith("0 passed, 1 failed\n")


def test_one_draw_is_as_good_as_another(slipway, tmp_path):
    done = slipway.attempt("test", tampered(tmp_path, "test_bernoulli", lambda array: 1 - array))
    assert done.returncode == 0
    assert done.stdout == "passed test_bernoulli: judged by distribution\n1 passed, 0 failed\n"


@pytest.mark.parametrize("backend", ["native", "onnxruntime"])
def test_draws_are_judged_on_every_backend(slipway, tmp_path, backend):
    """x + noise, in an opset whose random operators ONNX Runtime has."""
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("RandomNormalLike", ["x"], ["noise"], mean=1.0, scale=3.0, seed=7.0),
         onnx.helper.make_node("Add", ["x", "noise"], ["y"])], "noisy",
        *[[onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2, 3])] for name in "xy"])
    data = tmp_path / "test_noisy/test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=9),
              tmp_path / "test_noisy/model.onnx")
    for file in ("input_0.pb", "output_0.pb"):
        onnx.save_tensor(numpy_helper.from_array(numpy.zeros((2, 3), numpy.float32)), data / file)
    assert slipway.start("test", tmp_path, *command_line.flags({"backend": backend})) == \
        "passed test_noisy: judged by distribution\n1 passed, 0 failed\n"


def test_a_folder_without_tests_is_an_error(slipway, tmp_path):
    done = slipway.attempt("test", tmp_path)
    assert done.returncode == 1
    assert "no test cases below" in done.stderr
