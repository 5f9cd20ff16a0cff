"""Each version of each operator that was in force from opset 7 to 25: the standard's node tests, written in the opset that
brought the version. What is expected does not change with the opset; ONNX Runtime, which runs old versions as they are,
judges whether the old form says the same."""

import collections
import json

import onnx
import pytest

import test_old_opsets
import test_opset_down

VERSIONS = collections.defaultdict(list)
for schema in onnx.defs.get_all_schemas_with_history():
    if schema.domain == "" and not schema.deprecated:
        VERSIONS[schema.name].append(schema.since_version)
OPSETS = range(7, 26)
# Their node tests are written in one old opset; they are written up as well.
BODIES = {"If", "Loop", "Scan"}
# Draws numbers: no two engines draw the same.
RANDOM_OPERATORS = test_opset_down.RANDOM
# No node test has them, and ONNX Runtime has no kernel that could judge.
WITHOUT_A_CASE = {("GlobalLpPool", 22), ("MaxRoiPool", 22)}
SUITES = ("node", "simple", "pytorch-operator", "pytorch-converted")


def in_force(operator, opset):
    return max((version for version in VERSIONS[operator] if version <= opset), default=None)


def versions_in(model):
    opset = test_opset_down.version_of(model)
    return {(node.op_type, in_force(node.op_type, opset)) for node in test_opset_down.all_nodes(model)
            if node.op_type in VERSIONS and opset in OPSETS}


def jobs():
    """Node tests and the opsets to write them in: those that brought a version of one of their operators."""
    for name, opset in test_opset_down.node_tests():
        model = onnx.load(test_opset_down.DATA / name / "model.onnx")
        if model.functions or name.endswith("_expanded"):
            continue
        operators = {node.op_type for node in test_opset_down.all_nodes(model)}
        targets = {max(version, 7) for operator in operators for version in VERSIONS[operator]}
        yield from ((name, target) for target in sorted(targets)
                    if target in OPSETS and (target < opset or (target > opset and BODIES & operators)))


@pytest.fixture(scope="module")
def generated(slipway, tmp_path_factory):
    """Every node test in every opset that brought a version of its operators: a folder an opset."""
    root = tmp_path_factory.mktemp("opsets")
    for name, opset in jobs():
        folder = root / str(opset)
        folder.mkdir(exist_ok=True)
        test_opset_down.write_down(slipway, folder / name, opset)
    return root


def test_every_version_has_a_case(generated):
    covered = {(operator, in_force(operator, opset)) for operator, opset, *_ in test_old_opsets.CASES}
    for path in generated.glob("*/*/model.onnx"):
        covered |= versions_in(onnx.load(path))
    for suite in SUITES:  # test_conformance.py runs them
        for path in (test_opset_down.DATA.parent / suite).glob("*/model.onnx"):
            covered |= versions_in(onnx.load(path))
    wanted = {(operator, in_force(operator, opset)) for operator in VERSIONS for opset in OPSETS}
    missing = {(operator, version) for operator, version in wanted - covered
               if version and operator not in RANDOM_OPERATORS}
    print(f"{len(wanted)} versions, {len(missing)} without a case")
    assert missing == WITHOUT_A_CASE


def test_every_version_computes_what_the_newest_does(slipway, generated):
    tests = json.loads(slipway.attempt("test", generated, "--json").stdout)["tests"]
    assert len(tests) > 2000
    assert not {test["model"]: test["reason"] for test in tests if test["result"] != "passed"}


def test_onnxruntime_agrees(slipway, generated):
    """Where it passes the newest form, it passes the old one, or has no kernel for it."""
    newest = test_opset_down.onnxruntime_outcomes(slipway, test_opset_down.DATA)
    wrong = {}
    for folder in generated.iterdir():
        for name, test in test_opset_down.onnxruntime_outcomes(slipway, folder).items():
            lacks = test_opset_down.ONNXRUNTIME_LACKS.search(test["reason"])
            if test["result"] != "passed" and newest[name]["result"] == "passed" and not lacks:
                wrong[f"{name} in opset {folder.name}"] = test["reason"]
    assert not wrong
