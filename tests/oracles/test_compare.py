"""`slipway compare`: is the node named that is wrong, it alone, and nothing where nothing is wrong?"""

import json
import shutil

import numpy
import onnx
import pytest

import compare_networks
import planted_faults
from command_line import onnxruntime_library

NETWORKS = {"resnet50": compare_networks.ResNet50, "deit": compare_networks.DeitTiny}
FAULTS = [(network, fault) for network, faults in planted_faults.FAULTS.items() for fault in faults]
LOST = [(network, fault) for network, faults in planted_faults.LOST.items() for fault in faults]


@pytest.fixture(scope="session")
def networks(tmp_path_factory):
    """The folder of NAME.onnx and of NAME_otherwise.onnx: with and without what the exporter folds."""
    folder = tmp_path_factory.mktemp("networks")
    for name, network in NETWORKS.items():
        # ResNet-50 with its normalisations; DeiT with weights as its products take them.
        for suffix, fold in (("", name == "deit"), ("_otherwise", name != "deit")):
            compare_networks.export(network(), folder / f"{name}{suffix}.onnx", fold)
    yield folder
    shutil.rmtree(folder)


def compare(slipway, *arguments):
    """What it prints as JSON, and whether the exit code says the same."""
    done = slipway.attempt("compare", *arguments, "--threads", 2, "--json")
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert result["agrees"] == (done.returncode == 0)
    return result


def name_of(description):
    """The name in "node 'conv1' (Conv)"."""
    return description.split("'")[1]


def named(result):
    """The nodes that are to blame: names in A and in B."""
    return [([name_of(one) for one in fault["nodes_a"]], [name_of(one) for one in fault["nodes_b"]])
            for fault in result["faults"]]


def plant(networks, network, fault, shuffled):
    """The wrong model and what its nodes are called now."""
    name, change, *_ = (planted_faults.FAULTS[network] | planted_faults.LOST[network])[fault]
    model = planted_faults.Model(networks / f"{network}.onnx")
    change(model, name)
    if shuffled:
        model.shuffle(seed=3)
    return model.save(), (model.called if shuffled else None)


def test_there_are_ten_faults_of_each():
    assert all(len(faults) >= 10 for faults in planted_faults.FAULTS.values())


@pytest.mark.parametrize(("network", "fault"), FAULTS)
def test_a_fault_is_found(slipway, networks, network, fault):
    wrong, _ = plant(networks, network, fault, shuffled=False)
    result = compare(slipway, networks / f"{network}.onnx", wrong)
    node = planted_faults.FAULTS[network][fault][0]
    assert named(result) == [([node], [node])]
    assert not result["agrees"]


# Of ResNet-50 those that change what the graph looks like; DeiT's graph has more that look alike.
@pytest.mark.parametrize(("network", "fault"), [
    one for one in FAULTS if one[0] == "deit" or one[1] in ("another activation", "wired wrongly", "a weight")])
def test_a_fault_is_found_under_shuffled_names(slipway, networks, network, fault):
    wrong, called = plant(networks, network, fault, shuffled=True)
    node = planted_faults.FAULTS[network][fault][0]
    assert named(compare(slipway, networks / f"{network}.onnx", wrong)) == [([node], [called[node]])]


@pytest.mark.parametrize("shuffled", [False, True], ids=["named", "shuffled"])
@pytest.mark.parametrize(("network", "fault"), LOST)
def test_a_node_more_or_less_is_found(slipway, networks, network, fault, shuffled):
    node, _, side = planted_faults.LOST[network][fault]
    wrong, called = plant(networks, network, fault, shuffled)
    result = compare(slipway, networks / f"{network}.onnx", wrong)
    if side == "a":
        assert named(result) == [([node], [])]
    else:
        assert named(result) == [([], [called[node] if called else node])]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_fault_of_many_is_found(slipway, networks, network):
    model = planted_faults.Model(networks / f"{network}.onnx")
    planted = {}
    for node, change in planted_faults.FAULTS[network].values():
        if node not in planted:
            change(model, node)
            planted[node] = True
    result = compare(slipway, networks / f"{network}.onnx", model.save())
    assert sorted(named(result)) == sorted(([node], [node]) for node in planted)


@pytest.mark.parametrize("network", NETWORKS)
def test_nothing_is_found_where_nothing_is_wrong(slipway, networks, network):
    right = networks / f"{network}.onnx"
    same = compare(slipway, right, right)
    assert same["agrees"] and all(value["accumulated"]["absolute"] == 0 for value in same["values"])
    shuffled = planted_faults.Model(right)
    shuffled.shuffle(seed=4)
    result = compare(slipway, right, shuffled.save())
    assert result["agrees"] and result["matched"]["a"] == same["matched"]["a"]
    for value in result["values"]:  # each value with the one that it was renamed to
        if not value["output"]:
            assert shuffled.called[name_of(value["node_a"])] == name_of(value["node_b"])


def test_every_node_corresponds_where_networks_are_the_same(slipway, networks):
    for network in NETWORKS:
        right = networks / f"{network}.onnx"
        result = compare(slipway, right, right)
        assert result["matched"] == result["nodes"]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("swapped", [False, True], ids=["simpler", "richer"])
def test_a_network_agrees_with_what_an_optimiser_made_of_it(slipway, networks, network, swapped):
    """PyTorch's exporter folds normalisations into convolutions that keep their names, with other values."""
    pair = [networks / f"{network}.onnx", networks / f"{network}_otherwise.onnx"]
    result = compare(slipway, *(reversed(pair) if swapped else pair))
    assert result["agrees"]
    simpler = min(result["nodes"].values())
    assert len(result["values"]) >= 0.95 * simpler
    assert sum(value["output"] for value in result["values"]) == 1


@pytest.mark.parametrize("shuffled", [False, True], ids=["named", "shuffled"])
def test_a_fault_in_a_folded_network_is_found(slipway, networks, shuffled):
    """What is named is the smallest part that both sides have: the convolution and its normalisation."""
    wrong = planted_faults.Model(networks / "resnet50_otherwise.onnx")
    conv = "/layer2/layer2.1/conv2/Conv"
    wrong.change_weight(conv, 1, planted_faults.nudge)
    called = {}
    if shuffled:
        wrong.shuffle(seed=5)
        called = wrong.called
    (of_a, of_b), = named(compare(slipway, networks / "resnet50.onnx", wrong.save()))
    norm, relu = "/layer2/layer2.1/bn2/BatchNormalization", "/layer2/layer2.1/Relu_1"
    assert of_a in ([conv, norm], [conv, norm, relu])
    assert of_b == [called.get(one, one) for one in of_a if one != norm]


def test_norms_folded_under_their_own_names(slipway, networks):
    model = planted_faults.Model(networks / "resnet50.onnx")
    norms = [node.name for node in model.graph.node if node.op_type == "BatchNormalization"][::3]
    model.fold_batch_norms(norms)
    result = compare(slipway, networks / "resnet50.onnx", model.save())
    assert result["agrees"]
    conv = next(node.name for node in model.graph.node if "bn" in node.output[0])
    model.change_weight(conv, 1, planted_faults.nudge)
    (of_a, of_b), = named(compare(slipway, networks / "resnet50.onnx", model.save()))
    assert of_b == [conv] and of_a == [conv, norms[0]]


@pytest.mark.parametrize("network", NETWORKS)
def test_two_engines_agree_on_one_model(slipway, networks, network):
    engines = ["--backends", "native,onnxruntime", "--onnxruntime", onnxruntime_library()]
    result = compare(slipway, networks / f"{network}.onnx", *engines)
    assert result["agrees"] and result["matched"] == result["nodes"]
    assert max(value["own"]["relative"] for value in result["values"]) < 1e-5
    assert any(value["accumulated"]["absolute"] > 0 for value in result["values"])  # there are two engines


def test_a_fault_is_found_on_another_engine(slipway, networks):
    model, _ = plant(networks, "deit", "axis", shuffled=False)
    engines = ["--backends", "onnxruntime", "--onnxruntime", onnxruntime_library()]
    result = compare(slipway, networks / "deit.onnx", model, *engines)
    assert named(result) == [(["/blocks/blocks.4/attn/Softmax"],) * 2]


def test_the_errors_are_what_they_are(slipway, networks, tmp_path):
    """Against ONNX Runtime's own numbers: what stands where, and how far apart that is."""
    import onnxruntime
    wrong, _ = plant(networks, "resnet50", "epsilon", shuffled=False)
    picture = numpy.random.default_rng(1).standard_normal((1, 3, 64, 64)).astype(numpy.float32)
    numpy.save(tmp_path / "picture.npy", picture)
    result = compare(slipway, networks / "resnet50.onnx", wrong, "-i", f"picture={tmp_path / 'picture.npy'}")
    assert not result["random_inputs"]
    logits = result["values"][-1]["accumulated"]
    a, b = (onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"picture": picture})[0]
            for path in (networks / "resnet50.onnx", wrong))
    apart = numpy.abs(a.astype(numpy.float64) - b)
    place = tuple(json.loads(logits["at"]))
    assert apart[place] == pytest.approx(apart.max(), rel=1e-3)
    assert logits["absolute"] == pytest.approx(apart.max(), rel=1e-3)
    assert logits["relative"] == pytest.approx(apart.max() / numpy.abs(a).max(), rel=1e-3)
    assert float(logits["a"]) == pytest.approx(a[place], rel=1e-3)
    assert float(logits["b"]) == pytest.approx(b[place], rel=1e-3)
    own = [value["own"]["relative"] for value in result["values"]]
    assert sum(error > 1e-4 for error in own) == 1 and sum(error > 0 for error in own) == 1


def test_another_shape_is_found(slipway, networks):
    """B as a whole does not run then; the node is found all the same."""
    model = planted_faults.Model(networks / "resnet50.onnx")
    node = "/layer2/layer2.1/conv2/Conv"
    model.set(node, pads=[0, 0, 0, 0])
    del model.graph.value_info[:]
    path = networks / "other_shape.onnx"
    onnx.save(model.proto, path)
    result = compare(slipway, networks / "resnet50.onnx", path)
    assert named(result) == [([node], [node])]
    assert "f32[1,128,8,8] and f32[1,128,6,6]" in json.dumps(result)
    assert "layer2.1" in result["failure"]


def test_text_names_the_node_and_what_differs(slipway, networks):
    wrong, _ = plant(networks, "resnet50", "epsilon", shuffled=False)
    done = slipway.attempt("compare", networks / "resnet50.onnx", wrong)
    assert done.returncode == 1
    verdict = done.stdout[done.stdout.index("differs:"):]
    assert "node '/layer1/layer1.2/bn1/BatchNormalization' (BatchNormalization)" in verdict
    assert "attribute 'epsilon': 1e-05 in A, 0.01 in B" in verdict
    assert " apart at [0," in verdict and "'/fc/Gemm'" not in verdict
    same = slipway.start("compare", networks / "resnet50.onnx", networks / "resnet50.onnx")
    assert same.rstrip().splitlines()[-1].startswith("agrees: 174 tensors")


def test_within_a_tolerance_that_is_asked_for(slipway, networks):
    wrong, _ = plant(networks, "resnet50", "epsilon", shuffled=False)
    pair = networks / "resnet50.onnx", wrong
    assert compare(slipway, *pair, "--tolerance", 0.2)["agrees"]
    assert compare(slipway, *pair, "--rtol", 0, "--atol", 1e3)["agrees"]
    assert not compare(slipway, *pair, "--rtol", 0, "--atol", 0)["agrees"]


def test_other_ends_are_an_error(slipway, networks, tmp_path):
    model = onnx.load(networks / "deit.onnx", load_external_data=False)
    model.graph.output.append(onnx.helper.make_tensor_value_info("/Gather_output_0", 1, None))
    onnx.save(model, networks / "two_outputs.onnx")
    done = slipway.attempt("compare", networks / "deit.onnx", networks / "two_outputs.onnx")
    assert done.returncode == 1 and done.stdout == ""
    assert "A has 1 output (logits: f32[1,1000]), B has 2 (logits: f32[1,1000], /Gather_output_0" in done.stderr


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "one on two engines: --backends native,onnxruntime"),
    (["--backends", "native"], "one on two engines"),
    (["--backends", "native,native,native"], "one engine or two, not 3"),
    (["--backends", "native,cuda"], "there is no backend 'cuda'"),
    (["--rtol", "-1"], "--rtol"),
    (["-i", "picture"], "'picture' is neither NAME=FILE.npy"),
])
def test_wrong_usage(slipway, srcnn, arguments, message):
    done = slipway.attempt("compare", srcnn, *arguments)
    assert done.returncode == 2 and message in done.stderr


def test_sizes_have_to_be_known(slipway, tmp_path):
    x, y = (onnx.helper.make_tensor_value_info(name, 1, ["n", 3]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Sin", ["x"], ["y"], "sine")], "g", [x], [y])
    onnx.save(onnx.helper.make_model(graph, ir_version=8), tmp_path / "open.onnx")
    done = slipway.attempt("compare", tmp_path / "open.onnx", tmp_path / "open.onnx")
    assert done.returncode == 1 and "--shape x=1x3x224x224" in done.stderr
    result = compare(slipway, tmp_path / "open.onnx", tmp_path / "open.onnx", "--shape", "5x3", "--seed", 7)
    assert result["inputs"] == {"x": "f32[5,3]"} and result["agrees"]


@pytest.mark.parametrize("type_of_x", [numpy.uint8, numpy.int8])
def test_bytes_are_multiplied_exactly_on_both_engines(slipway, tmp_path, type_of_x):
    """Neighbouring weights so large that their products with u8 do not fit into 16 bits together."""
    signs = numpy.sign(numpy.random.default_rng(3).standard_normal((64, 16, 1, 1))).repeat(4, axis=1)
    constants = {"x_scale": numpy.float32(1 / 256), "x_zero": type_of_x(0), "w": (127 * signs).astype(numpy.int8),
                 "w_scale": numpy.float32(1 / 128), "w_zero": numpy.int8(0), "y_scale": numpy.float32(1 / 4),
                 "y_zero": type_of_x(100)}
    nodes = [onnx.helper.make_node("QuantizeLinear", ["x", "x_scale", "x_zero"], ["bytes"], "quantize"),
             onnx.helper.make_node("QLinearConv", ["bytes", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale",
                                                   "y_zero"], ["sums"], "conv"),
             onnx.helper.make_node("DequantizeLinear", ["sums", "y_scale", "y_zero"], ["y"], "dequantize")]
    x = onnx.helper.make_tensor_value_info("x", 1, [1, 64, 9, 9])
    y = onnx.helper.make_tensor_value_info("y", 1, [1, 64, 9, 9])
    graph = onnx.helper.make_graph(nodes, "g", [x], [y], [onnx.numpy_helper.from_array(numpy.asarray(array), name)
                                                          for name, array in constants.items()])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "bytes.onnx")
    result = compare(slipway, tmp_path / "bytes.onnx", "--backends", "native,onnxruntime", "--onnxruntime",
                     onnxruntime_library())
    assert result["agrees"], result
