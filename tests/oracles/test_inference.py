"""What is inferred of a model before it runs, held against what comes out when it runs, for every value: from the
declared inputs, and from symbols that stand for their sizes. And it knows no less than onnx's own inference."""

import json
import pathlib
import subprocess

import onnx
import onnx.backend.test
import pytest

import command_line

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"
SUITES = ["node", "simple", "pytorch-operator", "pytorch-converted", "light"]
TENSOR = 1  # Slipway's Type::Kind::kTensor


@pytest.fixture(scope="module")
def reports():
    """What slipway_inference says of each case, by name."""
    program = command_line.find("SLIPWAY_INFERENCE", "build/release/slipway_inference")
    done = subprocess.run([program, *(DATA / suite for suite in SUITES)], capture_output=True, text=True,
                          timeout=command_line.TIME_LIMIT, check=True)
    return {report["name"]: report for report in map(json.loads, done.stdout.splitlines())}


# The model states a scalar for the elements of a sequence that has vectors.
STATED_WRONGLY = {"test_loop16_seq_none"}


def test_inferred_is_what_comes_out(reports):
    assert len(reports) > 1800
    assert not {name: report["wrong"] for name, report in reports.items()
                if report.get("wrong") and name not in STATED_WRONGLY}


def test_nearly_every_case_is_looked_at(reports):
    failed = {name: report["failed"] for name, report in reports.items() if "failed" in report}
    assert not {name: why for name, why in failed.items() if "has no operator" not in why}


def forget_stated_types(graph):
    """What a graph and those inside it say of values that nodes make."""
    del graph.value_info[:]
    for output in graph.output:
        if output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    for node in graph.node:
        for attribute in node.attribute:
            for body in [attribute.g] if attribute.HasField("g") else attribute.graphs:
                forget_stated_types(body)


def inferred_by_onnx(name):
    """Types by value, from the inputs' alone: what the file states of other values is taken away."""
    paths = [*(DATA / suite / name / "model.onnx" for suite in SUITES), DATA / "light" / f"{name}.onnx"]
    model = onnx.load(next(path for path in paths if path.exists()))
    forget_stated_types(model.graph)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    made = {output for node in inferred.graph.node for output in node.output}
    return {value.name: value.type.tensor_type for value in [*inferred.graph.value_info, *inferred.graph.output]
            if value.name in made and value.type.HasField("tensor_type")}


def known_less(entry, theirs):
    """What onnx knows of a value and Slipway does not."""
    if entry["kind"] not in (0, TENSOR):
        return None
    if theirs.elem_type and not entry["element"]:
        return "the element type"
    if not theirs.HasField("shape"):
        return None
    if entry["shape"] is None:
        return f"the rank, {len(theirs.shape.dim)}"
    if len(entry["shape"]) != len(theirs.shape.dim):
        return f"another rank, {len(theirs.shape.dim)}"
    for axis, (ours, dim) in enumerate(zip(entry["shape"], theirs.shape.dim)):
        if dim.HasField("dim_value") and not isinstance(ours, int):
            return f"axis {axis}, {dim.dim_value}"
    return None


def test_slipway_knows_what_onnx_knows(reports):
    less, values, unknown = {}, 0, 0
    for name, report in reports.items():
        if "failed" in report:
            continue
        theirs = inferred_by_onnx(name)
        for value, entry in report["types"].items():
            values += 1
            unknown += entry["kind"] == 0 or entry["kind"] == TENSOR and (
                entry["shape"] is None or None in entry["shape"])
            lack = known_less(entry, theirs[value]) if value in theirs else None
            if lack:
                less[f"{name}: {entry['operator']} '{value}'"] = lack
    print(f"{values} values, {unknown} not wholly known before the run")
    assert not less
