"""Files as ONNX Runtime leaves them, optimised by its sessions and its transformer optimizer, or quantised by its
tools: Slipway's own engine beside ONNX Runtime on the same file.

Floats agree to 1e-5 of the largest value (sums in another order). Behind quantised steps one step more or less grows:
those agree to the share of the largest value that each test states."""

import numpy
import onnx
import onnxruntime
import pytest
import torch
from onnxruntime import quantization
from onnxruntime.quantization import matmul_nbits_quantizer
from onnxruntime.transformers import optimizer

from closeness import assert_close
from exact_options import exact_options

RANDOM = numpy.random.default_rng(7)
LEVELS = onnxruntime.GraphOptimizationLevel


def run_onnxruntime(path, inputs):
    session = onnxruntime.InferenceSession(str(path), exact_options(), providers=["CPUExecutionProvider"])
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, inputs)))


def optimised(path, level):
    """The file that a session of this level writes."""
    options = exact_options()
    options.graph_optimization_level = level
    options.optimized_model_filepath = str(path.with_suffix(f".{level.name}.onnx"))
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return options.optimized_model_filepath


def contrib_operators(path):
    return {node.op_type for node in onnx.load(path).graph.node if node.domain == "com.microsoft"}


def assert_same(slipway, path, inputs, tolerance=1e-5):
    expected = run_onnxruntime(path, inputs)
    actual = slipway.run_tensors(path, inputs)
    for name, value in expected.items():
        assert_close(actual[name], value, tolerance)


class SelfAttention(torch.nn.Module):
    """As BERT's is written: projections, reshaped into heads."""

    def __init__(self, wide, heads):
        super().__init__()
        self.heads, self.size = heads, wide // heads
        self.query, self.key, self.value = (torch.nn.Linear(wide, wide) for _ in range(3))
        self.output = torch.nn.Linear(wide, wide)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, self.size).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) / self.size ** 0.5
        weights = torch.softmax(scores + mask, dim=-1)
        context = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous()
        return self.output(context.view(x.size(0), x.size(1), self.heads * self.size))


class Bert(torch.nn.Module):
    WORDS, WIDE, HEADS = 50, 32, 4

    def __init__(self, activation):
        super().__init__()
        self.words = torch.nn.Embedding(self.WORDS, self.WIDE)
        self.positions = torch.nn.Embedding(16, self.WIDE)
        self.segments = torch.nn.Embedding(2, self.WIDE)
        self.norm = torch.nn.LayerNorm(self.WIDE)
        self.attentions = torch.nn.ModuleList(SelfAttention(self.WIDE, self.HEADS) for _ in range(2))
        self.attention_norms = torch.nn.ModuleList(torch.nn.LayerNorm(self.WIDE) for _ in range(2))
        self.widen = torch.nn.ModuleList(torch.nn.Linear(self.WIDE, 64) for _ in range(2))
        self.narrow = torch.nn.ModuleList(torch.nn.Linear(64, self.WIDE) for _ in range(2))
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(self.WIDE) for _ in range(2))
        self.activation = activation

    def forward(self, words, mask, segments):
        places = torch.arange(words.size(1)).unsqueeze(0)
        x = self.norm(self.words(words) + self.segments(segments) + self.positions(places))
        added = (1.0 - mask[:, None, None, :].to(x.dtype)) * -10000.0
        for attention, attention_norm, widen, narrow, norm in zip(self.attentions, self.attention_norms, self.widen, self.narrow, self.norms):
            x = attention_norm(x + attention(x, added))
            x = norm(x + narrow(self.activation(widen(x))))
        return x


BERT_INPUTS = {"words": RANDOM.integers(0, 50, (2, 6)), "mask": numpy.array([[1] * 6, [1, 1, 1, 1, 0, 0]]),
               "segments": RANDOM.integers(0, 2, (2, 6))}


def export(module, inputs, path, dynamic=None):
    torch.manual_seed(3)
    torch.onnx.export(module.eval(), tuple(torch.from_numpy(array) for array in inputs.values()), str(path), dynamo=False,
                      input_names=list(inputs), output_names=["y"], opset_version=17, dynamic_axes=dynamic)
    return path


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    torch.manual_seed(3)
    dynamic = {name: {0: "batch", 1: "tokens"} for name in BERT_INPUTS}
    return export(Bert(torch.nn.GELU()), BERT_INPUTS, tmp_path_factory.mktemp("bert") / "bert.onnx", dynamic)


def convolutions():
    torch.manual_seed(4)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, 3, stride=2, padding=1), torch.nn.LeakyReLU(0.1), torch.nn.Conv2d(16, 16, 3, groups=4),
        torch.nn.Sigmoid(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(16, 5), torch.nn.Softmax(-1))


IMAGE = {"image": RANDOM.normal(size=(2, 3, 20, 20)).astype(numpy.float32)}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return export(convolutions(), IMAGE, tmp_path_factory.mktemp("network") / "network.onnx")


@pytest.mark.parametrize("level", [LEVELS.ORT_ENABLE_BASIC, LEVELS.ORT_ENABLE_EXTENDED])
def test_optimised_by_a_session(slipway, bert, network, level):
    path = optimised(bert, level)
    if level == LEVELS.ORT_ENABLE_EXTENDED:
        assert contrib_operators(path) >= {"BiasGelu", "FusedMatMul"}
    assert_same(slipway, path, BERT_INPUTS)
    path = optimised(network, level)
    if level == LEVELS.ORT_ENABLE_EXTENDED:
        assert "FusedConv" in contrib_operators(path)
    assert_same(slipway, path, IMAGE)


def test_optimised_for_transformers(slipway, bert, tmp_path):
    model = optimizer.optimize_model(str(bert), model_type="bert", num_heads=Bert.HEADS, hidden_size=Bert.WIDE, opt_level=0)
    path = tmp_path / "optimised.onnx"
    model.save_model_to_file(str(path))
    assert contrib_operators(path) >= {"Attention", "SkipLayerNormalization", "BiasGelu"}
    assert_same(slipway, path, BERT_INPUTS)


class Batches:
    """Calibration data."""

    def __init__(self, batches):
        self.batches = iter(batches)

    def get_next(self):
        return next(self.batches, None)


def calibration():
    return Batches([{"image": RANDOM.normal(size=(2, 3, 20, 20)).astype(numpy.float32)} for _ in range(4)])


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("level", [LEVELS.ORT_DISABLE_ALL, LEVELS.ORT_ENABLE_EXTENDED])
def test_quantised_from_calibration(slipway, network, tmp_path, form, per_channel, level):
    path = tmp_path / "quantised.onnx"
    quantization.quantize_static(network, path, calibration(), quant_format=quantization.QuantFormat[form], per_channel=per_channel,
                                 activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)
    path = optimised(path, level)
    assert_same(slipway, path, IMAGE, tolerance=0.02)


@pytest.mark.parametrize("weights", ["QInt8", "QUInt8"])
@pytest.mark.parametrize("level", [LEVELS.ORT_DISABLE_ALL, LEVELS.ORT_ENABLE_EXTENDED])
def test_quantised_dynamically(slipway, bert, tmp_path, weights, level):
    path = tmp_path / "quantised.onnx"
    quantization.quantize_dynamic(bert, path, weight_type=quantization.QuantType[weights], per_channel=True)
    path = optimised(path, level)
    if level == LEVELS.ORT_ENABLE_EXTENDED:
        assert contrib_operators(path) & {"DynamicQuantizeMatMul", "MatMulIntegerToFloat"}
    assert_same(slipway, path, BERT_INPUTS, tolerance=0.02)


def test_attention_quantised_dynamically(slipway, bert, tmp_path):
    fused, path = tmp_path / "fused.onnx", tmp_path / "quantised.onnx"
    optimizer.optimize_model(str(bert), model_type="bert", num_heads=Bert.HEADS, hidden_size=Bert.WIDE, opt_level=0).save_model_to_file(str(fused))
    quantization.quantize_dynamic(fused, path, weight_type=quantization.QuantType.QUInt8,
                                  extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
    assert "QAttention" in contrib_operators(path)
    assert_same(slipway, path, BERT_INPUTS, tolerance=0.02)


def test_lstm_quantised_dynamically(slipway, tmp_path):
    """What ONNX Runtime multiplies with the weights it quantises at every step; Slipway does not."""

    class Last(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(6, 8, bidirectional=True)

        def forward(self, x):
            return self.lstm(x)[0]

    torch.manual_seed(5)
    inputs = {"x": RANDOM.normal(size=(5, 2, 6)).astype(numpy.float32)}
    plain, path = export(Last(), inputs, tmp_path / "lstm.onnx"), tmp_path / "quantised.onnx"
    quantization.quantize_dynamic(plain, path, op_types_to_quantize=["LSTM"])
    assert "DynamicQuantizeLSTM" in contrib_operators(path)
    assert_same(slipway, path, inputs, tolerance=0.02)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("bits", [4, 8])
def test_weights_of_few_bits(slipway, bert, tmp_path, bits, symmetric):
    tool = matmul_nbits_quantizer.MatMulNBitsQuantizer(onnx.load(bert), bits=bits, block_size=16, is_symmetric=symmetric,
                                                       op_types_to_quantize=("MatMul", "Gather"))
    tool.process()
    path = tmp_path / "quantised.onnx"
    tool.model.save_model_to_file(str(path))
    assert "MatMulNBits" in contrib_operators(path)
    assert_same(slipway, path, BERT_INPUTS)
