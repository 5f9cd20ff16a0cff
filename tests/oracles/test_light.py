"""The nine light networks: as they ship, and with random weights tensor by tensor."""

import numpy
import onnx
import onnxruntime
import pytest

import double_precision
import light_networks
from closeness import assert_close, distance

TOLERANCE = 1e-5
DEEP_TOLERANCE = 1e-4  # where rounding adds up over many layers in both engines
SHIPPED_TOLERANCE = 1e-3  # what onnx's runner allows


def onnxruntime_outputs(path, inputs):
    """Every output by ONNX Runtime, with nothing fused."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


class Filled:
    """A light network with random weights: the plain file and one that gives every activation."""

    def __init__(self, name, folder):
        self.model = light_networks.load(name)
        light_networks.fill(self.model)
        self.inputs = light_networks.random_inputs(self.model)
        self.plain, self.exposed = folder / "plain.onnx", folder / "exposed.onnx"
        self._tame_softmax()
        onnx.save(self.model, self.plain)
        self.outputs = [value.name for value in self.model.graph.output]
        light_networks.expose(self.model)
        onnx.save(self.model, self.exposed)
        self.expected = onnxruntime_outputs(self.exposed, self.inputs)
        self._exact = None

    def _tame_softmax(self):
        softmax = [node for node in self.model.graph.node if node.op_type == "Softmax"]
        if softmax:
            logits = double_precision.run(self.model, self.inputs, [softmax[-1].input[0]])
            light_networks.scale_logits(self.model, *logits.values())

    def exact(self, name):
        """A tensor in double precision."""
        if self._exact is None:
            self._exact = double_precision.run(self.model, self.inputs, list(self.expected))
        return self._exact[name]

    def disagreement(self, name, actual):
        """None where the tensor is right, otherwise what is wrong with it.

        Where the engines differ by more than the tolerance, double precision judges: Slipway may
        then be as far from it as twice ONNX Runtime's own distance.
        """
        apart = distance(actual, self.expected[name])
        if apart <= TOLERANCE:
            return None
        own, other = (distance(values, self.exact(name)) for values in (actual, self.expected[name]))
        if apart <= DEEP_TOLERANCE and own <= max(TOLERANCE, 2 * other):
            return None
        return f"{name}: {apart:.1e} apart; from double: {own:.1e}, ONNX Runtime {other:.1e}"


@pytest.fixture(scope="module", params=light_networks.NAMES)
def filled(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    yield Filled(request.param, folder)
    for path in folder.iterdir():  # up to a gigabyte each
        path.unlink()


def test_there_are_nine():
    assert len(light_networks.NAMES) == 9


@pytest.mark.parametrize("name", light_networks.NAMES)
def test_shipped_outputs(slipway, name):
    model = light_networks.load(name)
    outputs = slipway.run_tensors(light_networks.FOLDER / f"{name}.onnx",
                                  light_networks.shipped_inputs(model))
    for value, expected in zip(model.graph.output, light_networks.shipped_outputs(name)):
        numpy.testing.assert_allclose(outputs[value.name], expected, rtol=SHIPPED_TOLERANCE, atol=1e-7)


def test_every_intermediate_tensor(slipway, filled):
    outputs = slipway.run_tensors(filled.exposed, filled.inputs)
    assert outputs.keys() == filled.expected.keys()
    wrong = [filled.disagreement(name, outputs[name]) for name in filled.expected]
    assert not list(filter(None, wrong))


def test_fused(slipway, filled):
    """Without the intermediate tensors among the outputs the engine may fuse what it likes."""
    outputs = slipway.run_tensors(filled.plain, filled.inputs)
    wrong = [filled.disagreement(name, outputs[name]) for name in filled.outputs]
    assert not list(filter(None, wrong))


def test_oracles_agree(filled):
    """ONNX Runtime and double precision see the same network, or neither judges anything."""
    apart = {name: distance(values, filled.exact(name)) for name, values in filled.expected.items()}
    assert max(apart.values()) <= DEEP_TOLERANCE, max(apart.items(), key=lambda item: item[1])
