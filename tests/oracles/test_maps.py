"""Maps as values: made by ZipMap, read by DictVectorizer and CastMap, in files of NumPy and of the standard's test data, on
both engines; ONNX Runtime is the judge."""

import json

import numpy
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import command_line

RANDOM = numpy.random.default_rng(23)
KINDS = {"int64": TensorProto.INT64, "float": TensorProto.FLOAT, "double": TensorProto.DOUBLE, "string": TensorProto.STRING}


def tensor_type(kind):
    return helper.make_tensor_type_proto(KINDS[kind], None)


def model_of(operator, input_type, output_type, path, **attributes):
    node = helper.make_node(operator, ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    graph = helper.make_graph([node], "case", [helper.make_value_info("x", input_type)], [helper.make_value_info("y", output_type)])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), path)
    return path


def run_onnxruntime(path, value):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": value})[0]


def map_type(key, value):
    return helper.make_map_type_proto(KINDS[key], tensor_type(value))


LABELS = [{"classlabels_int64s": [7, 3, 9]}, {"classlabels_strings": ["red", "green", "blue"]}]


@pytest.mark.parametrize("backend", ["native", "onnxruntime"])
@pytest.mark.parametrize("labels", LABELS, ids=["int64", "string"])
def test_zip_map_makes_a_map_of_each_row(slipway, tmp_path, labels, backend):
    key = "int64" if "classlabels_int64s" in labels else "string"
    path = model_of("ZipMap", tensor_type("float"), helper.make_sequence_type_proto(map_type(key, "float")), tmp_path / "model.onnx", **labels)
    x = RANDOM.random((5, 3)).astype(numpy.float32)
    expected = run_onnxruntime(path, x)
    actual = slipway.run_tensors(path, {"x": x}, backend=backend)
    assert sorted(actual) == ["y.keys", "y.values"]
    assert [dict(zip(actual["y.keys"].tolist(), row)) for row in actual["y.values"].tolist()] == expected


def run_map(slipway, path, keys, values, folder, backend):
    numpy.savez(folder / "in.npz", **{"x.keys": keys, "x.values": values})
    options = [] if backend == "native" else ["--onnxruntime", command_line.onnxruntime_library()]
    slipway.start("run", path, "-i", folder / "in.npz", "-o", folder / "out.npy", "--backend", backend, *options)
    return numpy.load(folder / "out.npy")


@pytest.mark.parametrize("backend", ["native", "onnxruntime"])
@pytest.mark.parametrize("value", ["float", "double", "int64", "string"])
@pytest.mark.parametrize("key", ["int64", "string"])
def test_dict_vectorizer_puts_values_in_their_places(slipway, tmp_path, key, value, backend):
    if (key, value) in (("int64", "int64"), ("string", "string")):
        pytest.skip("ONNX has no such map")
    words = {"int64_vocabulary": [5, 1, 8, 2]} if key == "int64" else {"string_vocabulary": ["a", "c", "b", "z"]}
    path = model_of("DictVectorizer", map_type(key, value), tensor_type(value), tmp_path / "model.onnx", **words)
    keys = numpy.array([8, 5] if key == "int64" else ["b", "a"])
    values = numpy.array({"float": [2.5, -1], "double": [2.5, -1], "int64": [2, -1], "string": ["two", "one"]}[value],
                         {"float": numpy.float32, "double": numpy.float64, "int64": numpy.int64, "string": str}[value])
    absent = {"string": "", "int64": 0}.get(value, 0.0)
    by_key = dict(zip(keys.tolist(), values.tolist()))
    (vocabulary,) = words.values()
    actual = run_map(slipway, path, keys, values, tmp_path, backend)
    assert actual.tolist() == [[by_key.get(word, absent) for word in vocabulary]]


@pytest.mark.parametrize("form", [{}, {"map_form": "SPARSE", "max_map": 9}])
@pytest.mark.parametrize("cast_to, result", [("TO_FLOAT", "float"), ("TO_INT64", "int64"), ("TO_STRING", "string")])
@pytest.mark.parametrize("value", ["float", "string"])
def test_cast_map_orders_by_key(slipway, tmp_path, value, cast_to, result, form):
    path = model_of("CastMap", map_type("int64", value), tensor_type(result), tmp_path / "model.onnx", cast_to=cast_to, **form)
    keys = numpy.array([6, 0, 3])
    values = numpy.array([2, -1, 7], numpy.float32) if value == "float" else numpy.array(["2", "-1", "7"])
    expected = run_map(slipway, path, keys, values, tmp_path, "onnxruntime")
    actual = run_map(slipway, path, keys, values, tmp_path, "native")
    assert actual.shape == expected.shape
    assert [str(one) for one in actual.ravel()] == [str(one) for one in expected.ravel()]


def map_message(entries):
    keys, values = list(entries), list(entries.values())
    message = onnx.MapProto(key_type=TensorProto.STRING if isinstance(keys[0], str) else TensorProto.INT64)
    if isinstance(keys[0], str):
        message.string_keys.extend(key.encode() for key in keys)
    else:
        message.keys.extend(keys)
    message.values.CopyFrom(numpy_helper.from_list([numpy.array(value, numpy.float32) for value in values]))
    return message


def sequence_of_maps(maps):
    message = onnx.SequenceProto(elem_type=onnx.SequenceProto.MAP)
    message.map_values.extend(map_message(one) for one in maps)
    return message


def test_maps_in_test_data(slipway, tmp_path):
    """`slipway test` takes maps in and compares them, in whatever order their keys come."""
    x = RANDOM.random((4, 3)).astype(numpy.float32)
    for name, labels in zip(("numbers", "texts"), LABELS):
        key = "int64" if name == "numbers" else "string"
        path = model_of("ZipMap", tensor_type("float"), helper.make_sequence_type_proto(map_type(key, "float")),
                        tmp_path / name / "model.onnx", **labels)
        expected = [dict(reversed(one.items())) for one in run_onnxruntime(path, x)]
        wrong = [{**one, list(one)[1]: 5.0} for one in expected]
        for place, maps in enumerate((expected, wrong)):
            data = tmp_path / name / f"test_data_set_{place}"
            data.mkdir()
            (data / "input_0.pb").write_bytes(numpy_helper.from_array(x).SerializeToString())
            (data / "output_0.pb").write_bytes(sequence_of_maps(maps).SerializeToString())
    path = model_of("DictVectorizer", map_type("string", "float"), tensor_type("float"), tmp_path / "vector" / "model.onnx", string_vocabulary=["a", "b", "c"])
    data = tmp_path / "vector" / "test_data_set_0"
    data.mkdir()
    (data / "input_0.pb").write_bytes(map_message({"c": 3.0, "a": 1.0}).SerializeToString())
    (data / "output_0.pb").write_bytes(numpy_helper.from_array(numpy.array([[1, 0, 3]], numpy.float32)).SerializeToString())
    tests = json.loads(slipway.attempt("test", tmp_path, "--json").stdout)["tests"]
    results = {test["name"]: (test["result"], test.get("reason", "")) for test in tests}
    assert results["vector"][0] == "passed"
    for name in ("numbers", "texts"):
        result, reason = results[name]
        assert result == "differs" and "test_data_set_1" in reason and "values in the keys' order" in reason


def test_map_where_a_tensor_is_expected(slipway, tmp_path):
    path = model_of("DictVectorizer", map_type("string", "float"), tensor_type("float"), tmp_path / "model.onnx", string_vocabulary=["a"])
    numpy.savez(tmp_path / "half.npz", **{"x.keys": numpy.array(["a"])})
    done = slipway.attempt("run", path, "-i", tmp_path / "half.npz", "-o", tmp_path / "out.npy")
    assert done.returncode != 0 and "other parts are missing" in done.stderr
    numpy.savez(tmp_path / "uneven.npz", **{"x.keys": numpy.array(["a"]), "x.values": numpy.array([1, 2], numpy.float32)})
    done = slipway.attempt("run", path, "-i", tmp_path / "uneven.npz", "-o", tmp_path / "out.npy")
    assert done.returncode != 0 and "one value a key is expected" in done.stderr
