"""`slipway check`: what it finds in models that are wrong, lacking, slow or dynamic."""

import json

import onnx
import pytest
from onnx import TensorProto, helper

import command_line


def model_of(tmp_path, nodes, shape=(1, 4), opset=20, domain=None):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, shape)], [value("y", TensorProto.FLOAT, None)])
    imports = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=9), path)
    return path


def findings(slipway, path, *arguments):
    done = slipway.attempt("check", path, "--json", *arguments)
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["runs"] else 1)
    return report


def test_nothing_to_say(slipway, tmp_path):
    report = findings(slipway, model_of(tmp_path, [helper.make_node("Relu", ["x"], ["y"])]))
    assert report["runs"] and report["findings"] == []


def test_every_unknown_operator_is_named(slipway, tmp_path):
    nodes = [helper.make_node("Spin", ["x"], ["a"], domain="shop", name="first"),
             helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Turn", ["b"], ["y"], domain="shop", name="second")]
    report = findings(slipway, model_of(tmp_path, nodes, domain="shop"))
    assert not report["runs"]
    assert [(found["kind"], found["where"]) for found in report["findings"]] == \
        [("missing", "node 'first' (shop.Spin)"), ("missing", "node 'second' (shop.Turn)")]
    assert "'shop'" in report["findings"][0]["reason"]


def test_of_very_many_unknown_nodes_the_first_are_named(slipway, tmp_path):
    names = ["x", *(f"v{place}" for place in range(24)), "y"]
    nodes = [helper.make_node("Spin", [a], [b], domain="shop", name=f"node{place}")
             for place, (a, b) in enumerate(zip(names, names[1:]))]
    path = model_of(tmp_path, nodes, domain="shop")
    report = findings(slipway, path)
    assert [found["where"] for found in report["findings"]] == \
        [f"node 'node{place}' (shop.Spin)" for place in range(20)] + ["5 more nodes"]
    error = slipway.attempt("bench", path).stderr
    assert all(f"'node{place}'" in error for place in range(20)) and "and 5 more" in error


def test_a_contradiction_names_the_node(slipway, tmp_path):
    nodes = [helper.make_node("Concat", ["x"], ["y"], axis=7, name="join")]
    report = findings(slipway, model_of(tmp_path, nodes))
    assert not report["runs"]
    assert report["findings"][0]["kind"] == "invalid"
    assert "join" in report["findings"][0]["where"]
    assert "7" in report["findings"][0]["reason"]


def test_no_model_at_all(slipway, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"no model")
    report = findings(slipway, tmp_path / "m.onnx")
    assert not report["runs"]
    assert report["findings"][0]["kind"] == "invalid"


def test_slow_and_dynamic(slipway, tmp_path):
    nodes = [helper.make_node("Acosh", ["x"], ["y"], name="area")]
    report = findings(slipway, model_of(tmp_path, nodes, shape=("batch", 4)))
    assert report["runs"]
    assert [found["kind"] for found in report["findings"]] == ["slow", "dynamic"]
    assert "Acosh" in report["findings"][0]["reason"]
    assert "batch" in report["findings"][1]["reason"]


@pytest.mark.parametrize("operator", ["Relu", "NoSuchOperator"])
def test_another_engine_is_asked_itself(slipway, tmp_path, operator):
    path = model_of(tmp_path, [helper.make_node(operator, ["x"], ["y"])])
    report = findings(slipway, path, "--for", "onnxruntime", "--onnxruntime", command_line.onnxruntime_library())
    assert report["runs"] == (operator == "Relu")


def test_a_missing_file_is_an_error(slipway, tmp_path):
    done = slipway.attempt("check", tmp_path / "none.onnx")
    assert done.returncode == 1 and "none.onnx" in done.stderr and done.stdout == ""
