"""Models written down to older opsets: the standard's node tests at 13 and 17, and what cannot be said there.

onnx's checker and schemas judge what is written, ONNX Runtime and Slipway what it computes.
"""

import functools
import importlib.machinery
import importlib.util
import json
import pathlib
import re
import shutil

import onnx
import onnx.backend.test
import pytest
from onnx import helper

import command_line
from model_nodes import nodes_of

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data/node"
OPSETS = (13, 17)
RANDOM = {"Bernoulli", "RandomUniformLike", "RandomNormalLike", "RandomUniform", "RandomNormal", "Multinomial"}


def all_nodes(model):
    yield from nodes_of(model.graph)
    for function in model.functions:
        yield from function.node


def version_of(model, domain=""):
    return next((one.version for one in model.opset_import if one.domain in (domain, domain or "ai.onnx")), 0)


def is_standard(model):
    """Only operators of ai.onnx and the model's own functions."""
    functions = {(function.domain, function.name) for function in model.functions}
    return all(not node.domain or (node.domain, node.op_type) in functions for node in all_nodes(model))


@functools.cache
def node_tests():
    """Name and opset of every node test of a newer opset than the oldest that is written here."""
    found = []
    for folder in sorted(DATA.iterdir()):
        model = onnx.load(folder / "model.onnx")
        if is_standard(model) and not RANDOM & {node.op_type for node in all_nodes(model)}:
            found.append((folder.name, version_of(model)))
    return found


def freeze(model, case, names):
    """Makes inputs constants of the values that the first data set has for them; its other inputs move up."""
    data = case / "test_data_set_0"
    data.mkdir()
    values = [path.read_bytes() for path in sorted((DATA / case.name / data.name).glob("input_*.pb"), key=number_of)]
    kept = []
    for value, content in zip(list(model.graph.input), values):
        if value.name not in names:
            kept.append(content)
            continue
        tensor = onnx.load_tensor_from_string(content)
        tensor.name = value.name
        model.graph.initializer.append(tensor)
        model.graph.input.remove(value)
    for place, content in enumerate(kept):
        (data / f"input_{place}.pb").write_bytes(content)
    for path in (DATA / case.name / data.name).glob("output_*.pb"):
        (data / path.name).symlink_to(path)


def number_of(path):
    return int(path.stem.rpartition("_")[2])


def lists_of(model):
    """Inputs that are small lists of integers: axes, pads, sizes."""
    return {value.name for value in model.graph.input
            if value.type.tensor_type.elem_type == onnx.TensorProto.INT64
            and len(value.type.tensor_type.shape.dim) <= 1}


def convert(slipway, source, target, opset):
    done = slipway.attempt("convert", source, "-o", target, "--opset", opset)
    return None if done.returncode == 0 else done.stderr


def write_down(slipway, case, opset):
    """Writes a node test down into a folder of its own, with constants for what was an attribute; the error, when that
    cannot be."""
    source = DATA / case.name / "model.onnx"
    case.mkdir()
    error = convert(slipway, source, case / "model.onnx", opset)
    if error is None:
        for data in source.parent.glob("test_data_set_*"):
            (case / data.name).symlink_to(data)
    elif "is computed" in error:
        model = onnx.load(source)
        freeze(model, case, lists_of(model))
        onnx.save(model, case / "frozen.onnx")
        error = convert(slipway, case / "frozen.onnx", case / "model.onnx", opset)
        (case / "frozen.onnx").unlink()
    if error is not None:
        shutil.rmtree(case)
    return error


@pytest.fixture(scope="module", params=OPSETS)
def written(request, slipway, tmp_path_factory):
    """Folders in the standard's layout of what can be said at an opset, and the errors of what cannot."""
    opset = request.param
    folder, refused = tmp_path_factory.mktemp(f"opset{opset}"), {}
    for name, version in node_tests():
        if version > opset:
            error = write_down(slipway, folder / name, opset)
            if error is not None:
                refused[name] = error
    return opset, folder, refused


def test_the_versions_are_those_of_onnx():
    loader = importlib.machinery.SourceFileLoader("versions", str(command_line.ROOT / "scripts/operator-versions"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("versions", loader))
    loader.exec_module(module)
    assert module.FILE.read_text() == module.document()


def schema_problems(model):
    """What onnx's schemas say against operators, attributes and types: the checker does not look at types, strict
    inference does not at those that it cannot infer."""
    version = version_of(model)
    onnx.checker.check_model(model)
    types = {value.name: value.type for graph in [onnx.shape_inference.infer_shapes(model, data_prop=True).graph]
             for value in [*graph.input, *graph.value_info, *graph.output]}
    types |= {one.name: helper.make_tensor_type_proto(one.data_type, one.dims) for one in model.graph.initializer}
    for node in model.graph.node:
        if node.domain:
            continue
        schema = onnx.defs.get_schema(node.op_type, version)
        for names, parameters in ((node.input, schema.inputs), (node.output, schema.outputs)):
            for place, name in enumerate(names):
                parameter = parameters[min(place, len(parameters) - 1)]
                kind = types.get(name)
                if kind is not None and kind.HasField("tensor_type") and kind.tensor_type.elem_type:
                    spelled = "tensor(" + onnx.TensorProto.DataType.Name(kind.tensor_type.elem_type).lower() + ")"
                    if spelled not in parameter.types:
                        yield f"{node.op_type} takes no {spelled} as {parameter.name}"


def test_the_standard_allows_it(written):
    opset, folder, _ = written
    wrong = {}
    for case in sorted(folder.iterdir()):
        model = onnx.load(case / "model.onnx")
        assert version_of(model) == opset
        try:
            problems = list(schema_problems(model))
        except Exception as error:  # noqa: BLE001  (onnx has several)
            problems = [str(error)]
        if problems:
            wrong[case.name] = problems
    assert not wrong


def test_slipway_computes_the_same(slipway, written):
    _, folder, _ = written
    tests = json.loads(slipway.attempt("test", folder, "--json").stdout)["tests"]
    assert len(tests) == len(list(folder.iterdir()))
    original = {test["name"]: test["result"] for test in
                json.loads(slipway.attempt("test", DATA, "--json").stdout)["tests"]}
    assert not {test["name"]: test["reason"] for test in tests
                if test["result"] != "passed" and original[test["name"]] == "passed"}


def onnxruntime_outcomes(slipway, folder):
    tests = json.loads(slipway.attempt("test", folder, "--backend", "onnxruntime", "--onnxruntime",
                                       command_line.onnxruntime_library(), "--json").stdout)["tests"]
    return {test["name"]: test for test in tests}


# What ONNX Runtime says where it has no kernel for what the standard allows.
ONNXRUNTIME_LACKS = re.compile(r"Could not find an implementation|layout_ == 0 was false")


def test_onnxruntime_computes_the_same(slipway, written):
    """Where ONNX Runtime passes or cannot run the original, it passes what is written down or has no kernel for it."""
    opset, folder, _ = written
    before = onnxruntime_outcomes(slipway, DATA)
    after = onnxruntime_outcomes(slipway, folder)
    passed = sum(test["result"] == "passed" for test in after.values())
    print(f"opset {opset}: {len(after)} written, {passed} pass on ONNX Runtime")
    assert passed > 0.97 * len(after)
    assert not {name: test["reason"] for name, test in after.items()
                if test["result"] != "passed" and before[name]["result"] != "differs"
                and not ONNXRUNTIME_LACKS.search(test["reason"])}


def schema_of(operator, opset):
    return onnx.defs.get_schema(operator, opset)


def first_version(operator):
    return min(one.since_version for one in onnx.defs.get_all_schemas_with_history()
               if one.name == operator and not one.domain)


def knows_type(operator, opset, side, place, kind):
    """Does an operator take a type, spelled as Slipway spells it, in a place?"""
    schema = schema_of(operator, opset)
    parameters = schema.inputs if side == "input" else schema.outputs
    names = {"f16": "float16", "f32": "float", "f64": "double", "bf16": "bfloat16", "f4e2m1": "float4e2m1"}
    kind = re.sub(r"\[.*?\]", "", kind)
    kind = re.sub(r"\w+(?=\)*$)", lambda found: f"tensor({names.get(found[0], long_name(found[0]))})", kind)
    return kind in parameters[min(place, len(parameters) - 1)].types


def long_name(short):
    for letter, word in (("f8", "float8"), ("u", "uint"), ("i", "int")):
        if re.fullmatch(letter + r"(\d+|e\w+)", short):
            return word + short[len(letter):]
    return short


# Values of attributes that came later than the attribute: the standard's text of a version that knows one names it.
LATER_VALUES = {"wrap", "half_pixel_symmetric", "max", "min"}


def is_true(operator, opset, reason):
    """Do onnx's schemas bear out why something cannot be said?"""
    if found := re.fullmatch(r"(\w+) came with opset (\d+)", reason):
        return first_version(found[1]) == int(found[2]) > opset
    if found := re.match(r"(input|output) (\d+) cannot be (\S+) in (\w+)-\d+; that came with opset (\d+)", reason):
        side, place, kind, named, version = found[1], int(found[2]), found[3], found[4], int(found[5])
        return not knows_type(named, opset, side, place, kind) and knows_type(named, version, side, place, kind)
    if found := re.fullmatch(r"attribute '(\w+)' is (.+), (?:and|which) came later", reason):
        newest = schema_of(operator, onnx.defs.onnx_opset_version())
        if found[2] in LATER_VALUES and found[1] in schema_of(operator, opset).attributes:
            return found[2] in newest.attributes[found[1]].description + newest.doc and \
                f'"{found[2]}"' not in str(schema_of(operator, opset).attributes[found[1]].description)
        return found[1] not in schema_of(operator, opset).attributes and found[1] in newest.attributes
    if found := re.fullmatch(r"input '(\w+)' is computed, and was an attribute", reason):
        schema = schema_of(operator, opset)
        return found[1] not in {one.name for one in schema.inputs} and found[1] in schema.attributes
    if reason == "input 'axis' is computed, and Scan's axes are attributes":
        return operator == "CumProd" and "scan_input_axes" in schema_of("Scan", opset).attributes
    if reason == "its input is not known to be pictures, of 4 axes":
        return operator == "GridSample" and "4" in schema_of(operator, opset).inputs[0].description
    return False


def test_what_is_refused_could_not_be_said(written):
    opset, _, refused = written
    wrong = {}
    for name, error in refused.items():
        lines = error.splitlines()
        assert f"cannot be said in opset {opset}" in lines[0]
        for line in lines[1:]:
            if line.startswith("  in file"):
                continue
            found = re.search(r"\((\w+)\): (.*)", line)
            if not found or not is_true(found[1], opset, found[2]):
                wrong.setdefault(name, []).append(line.strip())
    assert len(refused) > 0
    assert not wrong


def save(path, nodes, inputs, outputs=("y",), opset=27, initializers=()):
    graph = helper.make_graph(nodes, "g", inputs,
                              [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in outputs],
                              list(initializers))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10), path)
    return path


def test_every_node_that_cannot_be_said_is_named(slipway, tmp_path):
    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [4])
    path = save(tmp_path / "m.onnx", [helper.make_node("BitCast", ["x"], ["a"], name="first", to=onnx.TensorProto.INT32),
                                      helper.make_node("Abs", ["a"], ["b"]),
                                      helper.make_node("BitCast", ["b"], ["y"], name="second", to=onnx.TensorProto.FLOAT)],
                [value])
    error = convert(slipway, path, tmp_path / "out.onnx", 20)
    assert "2 nodes" in error and "'first'" in error and "'second'" in error and "opset 26" in error
    assert not (tmp_path / "out.onnx").exists()


def test_without_an_opset_nothing_changes(slipway, tmp_path):
    source = DATA / "test_softmax_axis_0/model.onnx"
    for arguments in ([], ["--opset", version_of(onnx.load(source))]):
        slipway.start("convert", source, "-o", tmp_path / "same.onnx", *arguments)
        assert onnx.load(tmp_path / "same.onnx") == onnx.load(source)


def test_large_weights_go_to_a_file_beside_the_model(slipway, tmp_path):
    weights = helper.make_tensor("w", onnx.TensorProto.FLOAT, [1000], [0.5] * 1000)
    path = save(tmp_path / "m.onnx", [helper.make_node("Gelu", ["x"], ["a"]), helper.make_node("Mul", ["a", "w"], ["y"])],
                [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1000])], initializers=[weights])
    slipway.start("convert", path, "-o", tmp_path / "out.onnx", "--opset", 13, "--external-data", "w.bin")
    assert (tmp_path / "w.bin").stat().st_size >= 4000
    assert version_of(onnx.load(tmp_path / "out.onnx")) == 13
    onnx.checker.check_model(str(tmp_path / "out.onnx"))
