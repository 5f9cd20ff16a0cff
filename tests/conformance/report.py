"""Runs the ONNX standard's own tests on Slipway and on ONNX Runtime and writes docs/conformance.md.

    python tests/conformance/report.py [--slipway build/release/slipway] [--output docs/conformance.md]

The exit code is 1 when a test fails on Slipway.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

import onnx
import onnx.backend.test
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/oracles"))
from model_nodes import nodes_of  # noqa: E402

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"
SUITES = ["node", "simple", "pytorch-operator", "pytorch-converted", "light"]
BACKENDS = ["native", "onnxruntime"]


def run(program, suite, backend):
    """The result of each test of a suite by name: passed, differs or failed."""
    command = [program, "test", DATA / suite, "--backend", backend, "--json"]
    if backend == "onnxruntime":
        command += ["--onnxruntime", pathlib.Path(onnxruntime.__file__).parent / "capi"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
    return {test["name"]: test for test in report["tests"]}


def operators_of(model):
    """Domain, name and version of every operator of a model."""
    versions = {entry.domain: entry.version for entry in model.opset_import}
    functions = {(function.domain, function.name) for function in model.functions}
    for node in nodes_of(model.graph):
        if (node.domain, node.op_type) in functions:
            continue
        try:
            schema = onnx.defs.get_schema(node.op_type, versions.get(node.domain, 1), node.domain)
            yield node.domain, node.op_type, schema.since_version
        except onnx.defs.SchemaError:
            yield node.domain, node.op_type, versions.get(node.domain, 1)


def element_types(model):
    """The element types of a model's inputs."""
    for value in model.graph.input:
        kind = value.type
        while kind.HasField("optional_type") or kind.HasField("sequence_type"):
            kind = (kind.optional_type if kind.HasField("optional_type") else kind.sequence_type).elem_type
        if kind.HasField("tensor_type"):
            yield onnx.TensorProto.DataType.Name(kind.tensor_type.elem_type).lower()


class Row:
    """What the node tests say of one operator."""

    def __init__(self):
        self.versions, self.types = set(), set()
        self.tests, self.passed = 0, collections.Counter()


def by_operator(results):
    rows = collections.defaultdict(Row)
    for name, test in results["native"].items():
        model = onnx.load(test["model"], load_external_data=False)
        for domain, operator, version in set(operators_of(model)):
            row = rows[domain, operator]
            row.versions.add(version)
            row.types.update(element_types(model))
            row.tests += 1
            for backend in BACKENDS:
                row.passed[backend] += results[backend][name]["result"] == "passed"
    return rows


def summary(results):
    lines = ["| suite | tests | Slipway | of these by distribution | ONNX Runtime |", "|---|--:|--:|--:|--:|"]
    for suite, of_suite in results.items():
        passed = {backend: [test for test in of_suite[backend].values() if test["result"] == "passed"]
                  for backend in BACKENDS}
        drawn = sum(test["judged"] == "by distribution" for test in passed["native"])
        lines.append(f"| {suite} | {len(of_suite['native'])} | {len(passed['native'])} | {drawn} "
                     f"| {len(passed['onnxruntime'])} |")
    return lines


def table(rows):
    lines = ["| operator | versions | element types of the inputs | tests | Slipway | ONNX Runtime |",
             "|---|---|---|--:|--:|--:|"]
    for (domain, operator), row in sorted(rows.items()):
        name = f"{domain}.{operator}" if domain else operator
        lines.append(f"| {name} | {', '.join(map(str, sorted(row.versions)))} | {', '.join(sorted(row.types))} "
                     f"| {row.tests} | {row.passed['native']} | {row.passed['onnxruntime']} |")
    return lines


def failures(results):
    lines = [f"- `{name}`: {test['reason'].splitlines()[0]}"
             for of_suite in results.values() for name, test in of_suite["native"].items()
             if test["result"] != "passed"]
    return ["", "## What does not pass", "", *lines] if lines else []


def document(results):
    return "\n".join([
        "# Conformance",
        "",
        f"The ONNX standard's own tests (onnx {onnx.__version__}), run by `slipway test` with the tolerance of "
        f"onnx's runner, on Slipway's engine and on ONNX Runtime {onnxruntime.__version__}. "
        "`make conformance` writes this page.",
        "",
        *summary(results),
        "",
        "A model that draws random numbers is judged by distribution: its test holds one draw of a generator that the "
        "standard does not fix. Its outputs must have the expected types and shapes, a million draws of its operator "
        "with its inputs must follow the distribution within five standard deviations, the same seeds must give the "
        "same, and the rest of the model must give for what was drawn what the reference interpreter gives.",
        "",
        "## By operator",
        "",
        "Of the node tests, those that contain the operator, in the versions and with the types that they have.",
        "",
        *table(by_operator(results["node"])),
        *failures(results),
        ""])


def write_whole(path, text):
    beside = path.with_suffix(".tmp")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slipway", default=ROOT / "build/release/slipway", type=pathlib.Path)
    parser.add_argument("--output", default=ROOT / "docs/conformance.md", type=pathlib.Path)
    arguments = parser.parse_args()
    results = {suite: {backend: run(arguments.slipway, suite, backend) for backend in BACKENDS}
               for suite in SUITES}
    write_whole(arguments.output, document(results))
    print("\n".join(summary(results)))
    return int(any(test["result"] != "passed"
                   for of_suite in results.values() for test in of_suite["native"].values()))


if __name__ == "__main__":
    sys.exit(main())
