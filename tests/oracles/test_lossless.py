"""Reading and writing a model loses nothing; inspecting one does not read its weights."""

import pathlib
import subprocess

import onnx
import onnx.backend.test
import pytest
from onnx import TensorProto, helper

from messages import same

DATA = pathlib.Path(onnx.backend.test.__file__).parent / "data"
MODELS = sorted(DATA.glob("**/*.onnx"))
GIBIBYTE = 1 << 30


@pytest.fixture(scope="module")
def written(roundtrip, tmp_path_factory):
    """Where the copy of each model is, all of them written by one start of the program."""
    folder = tmp_path_factory.mktemp("roundtrip")
    copies = {path: folder / f"{number}.onnx" for number, path in enumerate(MODELS)}
    (folder / "list.txt").write_text(
        "".join(f"{path}\t{copy}\n" for path, copy in copies.items()), encoding="utf-8")
    subprocess.run([roundtrip, folder / "list.txt"], check=True, timeout=600)
    return copies


def test_all_of_onnx_is_there():
    assert len(MODELS) >= 1765 + 23 + 35 + 82 + 9


def test_every_message_survives(written):
    lost = []
    for path, copy in written.items():
        before, after = onnx.ModelProto(), onnx.ModelProto()
        before.ParseFromString(path.read_bytes())
        after.ParseFromString(copy.read_bytes())
        if not same(before, after):
            lost.append(str(path.relative_to(DATA)))
    assert not lost


def test_srcnn_survives(roundtrip, srcnn, tmp_path):
    (tmp_path / "list.txt").write_text(f"{srcnn}\t{tmp_path / 'copy.onnx'}\n", encoding="utf-8")
    subprocess.run([roundtrip, tmp_path / "list.txt"], check=True, timeout=60)
    assert same(onnx.load(srcnn), onnx.load(tmp_path / "copy.onnx"))


def large_model(folder, tensors=5):
    """A chain of additions whose weights, 1 GiB each, are holes in a sparse file beside it."""
    shape = [256, 1024, 1024]
    weights, nodes, value = [], [], "x"
    for number in range(tensors):
        weight = TensorProto(name=f"weight{number}", data_type=TensorProto.FLOAT, dims=shape,
                             data_location=TensorProto.EXTERNAL)
        for key, text in (("location", "weights.bin"), ("offset", number * GIBIBYTE),
                          ("length", GIBIBYTE)):
            weight.external_data.add(key=key, value=str(text))
        weights.append(weight)
        nodes.append(helper.make_node("Add", [value, weight.name], [f"sum{number}"]))
        value = f"sum{number}"
    graph = helper.make_graph(
        nodes, "large", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)], weights)
    (folder / "large.onnx").write_bytes(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9).SerializeToString())
    with open(folder / "weights.bin", "wb") as file:
        file.truncate(tensors * GIBIBYTE)
    return folder / "large.onnx"


def test_five_gigabytes_of_external_data(slipway, tmp_path):
    model = large_model(tmp_path)
    try:
        text = slipway.inspect(model)
        assert "Add" in text
        assert slipway.peak_megabytes("inspect", model) < 200
    finally:
        (tmp_path / "weights.bin").unlink()
