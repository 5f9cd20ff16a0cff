"""Operators of com.microsoft, which ONNX Runtime's optimizer and quantizer write into files, against ONNX Runtime
itself: every attribute and optional input.

Floats agree to 1e-5 of their size: both sum in another order. Quantised results agree to one step, since ONNX
Runtime rounds some of them by other formulas than the standard's."""

import numpy
import onnx
import torch

import single_operator
from closeness import assert_close

RANDOM = numpy.random.default_rng(11)
NOTHING = None


def floats(*shape, scale=1.0):
    return (RANDOM.normal(size=shape) * scale).astype(numpy.float32)


def bytes_of(kind, *shape):
    limits = numpy.iinfo(kind)
    return RANDOM.integers(limits.min, limits.max + 1, shape).astype(kind)


def weights_of(kind, *shape):
    """Signed ones of seven bits: these operators of ONNX Runtime saturate others where processors lack VNNI."""
    return RANDOM.integers(-64, 64, shape).astype(kind) if kind is numpy.int8 else bytes_of(kind, *shape)


def number(value, kind=numpy.float32):
    return numpy.array(value, kind)


def below(limit, *shape, kind=numpy.int32):
    return RANDOM.integers(0, limit, shape).astype(kind)


class Cases:
    """Writes cases as directories; `check` runs them all."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def add(self, operator, inputs, attributes=None, outputs=1, rtol=1e-5, atol=2e-6, domain="com.microsoft"):
        attributes = attributes or {}
        model = single_operator.model_of(operator, inputs, attributes, outputs, 17, domain)
        single_operator.write(self.folder / f"{self.count}_{operator}", model, inputs, rtol, atol)
        self.count += 1

    def check(self, slipway):
        assert not single_operator.failures(slipway, self.folder, self.count)


def test_gelu_family(slipway, tmp_path):
    cases = Cases(tmp_path)
    x = floats(2, 3, 8, scale=3)
    cases.add("Gelu", [x])
    cases.add("QuickGelu", [x])
    cases.add("QuickGelu", [x], {"alpha": 0.7})
    cases.add("FastGelu", [x])
    cases.add("FastGelu", [x, floats(8)])
    cases.add("BiasGelu", [x, floats(8)])
    cases.check(slipway)


def test_fused_convolutions(slipway, tmp_path):
    cases = Cases(tmp_path)
    activations = [{}, {"activation": "Relu"}, {"activation": "Tanh"}, {"activation": "Sigmoid"},
                   {"activation": "LeakyRelu", "activation_params": [0.2]},
                   {"activation": "Clip", "activation_params": [-0.5, 0.5]},
                   {"activation": "HardSigmoid", "activation_params": [0.3, 0.4]}]
    shapes = [((2, 4, 7, 6), (6, 4, 3, 3), {"pads": [1, 1, 1, 1]}), ((1, 4, 9, 9), (8, 2, 3, 3), {"group": 2, "strides": [2, 2]}),
              ((1, 3, 10), (5, 3, 4), {"dilations": [2]}), ((1, 4, 6, 6), (4, 1, 3, 3), {"group": 4, "auto_pad": "SAME_UPPER"})]
    for activation in activations:
        for x, w, attributes in shapes:
            cases.add("FusedConv", [floats(*x), floats(*w)], {**attributes, **activation})
            cases.add("FusedConv", [floats(*x), floats(*w), floats(w[0])], {**attributes, **activation})
    for activation in activations[:2]:
        cases.add("FusedConv", [floats(1, 4, 5, 5), floats(6, 4, 3, 3), floats(6), floats(1, 6, 5, 5)],
                  {"pads": [1, 1, 1, 1], **activation})
    cases.check(slipway)


def test_fused_products(slipway, tmp_path):
    cases = Cases(tmp_path)
    for kind in (numpy.float32, numpy.float64):
        for alpha in (1.0, 0.125):
            for trans_a in (0, 1):
                for trans_b in (0, 1):
                    a = floats(2, 5, 3) if trans_a else floats(2, 3, 5)
                    b = floats(4, 5) if trans_b else floats(5, 4)
                    attributes = {"alpha": alpha, "transA": trans_a, "transB": trans_b}
                    cases.add("FusedMatMul", [a.astype(kind), b.astype(kind)], attributes)
    cases.add("TransposeMatMul", [floats(5, 3), floats(4, 5)], {"alpha": 2.0, "transA": 1, "transB": 1})
    # Axes of A [rows, batch…, inner], or with both transposed [inner, batch…, rows].
    cases.add("FusedMatMul", [floats(3, 2, 7, 5), floats(2, 7, 5, 4)], {"transBatchA": 1})
    cases.add("FusedMatMul", [floats(5, 2, 7, 3), floats(2, 7, 5, 4)], {"transBatchA": 1, "transA": 1})
    cases.add("FusedMatMul", [floats(2, 3, 5), floats(5, 2, 4)], {"transBatchB": 1})
    cases.add("FusedMatMul", [floats(2, 3, 5), floats(4, 2, 5)], {"transBatchB": 1, "transB": 1})
    for activation in ({"activation": "Relu"}, {"activation": "LeakyRelu", "activation_alpha": 0.3}, {"activation": "Sigmoid"},
                       {"activation": "Elu", "activation_alpha": 0.5}, {"activation": "Softplus"}, {"activation": "Tanh"},
                       {"activation": "HardSigmoid", "activation_alpha": 0.3, "activation_beta": 0.4},
                       {"activation": "Selu", "activation_alpha": 1.5, "activation_gamma": 1.1}, {"activation": "Softsign"}):
        cases.add("FusedGemm", [floats(3, 5), floats(5, 4), floats(4)], activation)
        cases.add("FusedGemm", [floats(5, 3), floats(4, 5), floats(3, 4)],
                  {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0, **activation})
    cases.check(slipway)


def test_normalizations(slipway, tmp_path):
    cases = Cases(tmp_path)
    x, skip, gamma, beta, bias = floats(2, 3, 8), floats(2, 3, 8), floats(8), floats(8), floats(8)
    for inputs in ([x, skip, gamma], [x, skip, gamma, beta], [x, skip, gamma, beta, bias], [x, skip, gamma, NOTHING, bias],
                   [x, floats(1, 3, 8), gamma, beta], [x, floats(3, 8), gamma, beta]):
        for outputs in (1, "y--y"):
            cases.add("SkipLayerNormalization", inputs, {"epsilon": 1e-5}, outputs)
    cases.add("SkipLayerNormalization", [x, skip, gamma, beta])
    for inputs in ([x, skip, gamma], [x, skip, gamma, bias], [x[0], skip[0], gamma]):
        for outputs in (1, "y--y"):
            cases.add("SkipSimplifiedLayerNormalization", inputs, {"epsilon": 1e-5}, outputs)
    for axis in (-1, 1, 2):
        for outputs in (1, 2):
            scale = floats(*x.shape[axis:])
            cases.add("SimplifiedLayerNormalization", [x, scale], {"axis": axis, "epsilon": 1e-4}, outputs, domain="")
    half = [array.astype(numpy.float16) for array in (x, skip, gamma, beta)]
    cases.add("SkipLayerNormalization", half, {"epsilon": 1e-5}, rtol=2e-3, atol=4e-3)
    cases.check(slipway)


def test_embeddings(slipway, tmp_path):
    cases = Cases(tmp_path)
    tables = [floats(20, 8), floats(12, 8), floats(3, 8), floats(8), floats(8)]
    words, segments = below(20, 2, 6), below(3, 2, 6)
    mask = numpy.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], numpy.int32)
    cases.add("EmbedLayerNormalization", [words, segments, *tables], {"epsilon": 1e-5}, "y-")
    cases.add("EmbedLayerNormalization", [words, segments, *tables], {"epsilon": 1e-5}, 2)
    cases.add("EmbedLayerNormalization", [words, segments, *tables, mask], {"epsilon": 1e-5}, 3)
    cases.add("EmbedLayerNormalization", [words, NOTHING, *tables[:2], NOTHING, *tables[3:], mask], {}, 2)
    cases.add("EmbedLayerNormalization", [words, segments, *tables, NOTHING, below(12, 2, 6)], {}, "y-y")
    cases.add("EmbedLayerNormalization", [words, segments, *tables, mask, below(12, 1, 6)], {}, 3)
    cases.check(slipway)


def test_twins_of_the_standards_operators(slipway, tmp_path):
    cases = Cases(tmp_path)
    x = floats(3, 4)
    cases.add("Pad", [x, numpy.array([0, 1, 2, 0])])
    cases.add("Pad", [x, numpy.array([[0, 1, 2, 0]]), number([7.0])])
    cases.add("Pad", [x, numpy.array([1, 1, 1, 1])], {"mode": "reflect"})
    cases.add("Pad", [x, numpy.array([1, 1, 1, 1])], {"mode": "edge"})
    for kind in (numpy.int32, numpy.int64, numpy.float32, numpy.float64, numpy.int16):
        cases.add("Range", [number(2, kind), number(11, kind)])
        cases.add("Range", [number([2], kind), number([11], kind), number([3], kind)])
    cases.add("Trilu", [floats(2, 4, 5)])
    cases.add("Trilu", [floats(2, 4, 5), number(-1, numpy.int64)], {"upper": 0})
    cases.add("Unique", [numpy.array([2, 1, 1, 3, 4, 3], numpy.float32)], {}, 3)
    cases.add("ExpandDims", [x, number(1, numpy.int32)])
    cases.add("ExpandDims", [x, number(-1, numpy.int32)])
    cases.add("GatherND", [floats(3, 4, 2), numpy.array([[0, 1], [2, 3]])])
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            grid = RANDOM.uniform(-1.2, 1.2, (2, 3, 4, 2)).astype(numpy.float32)
            cases.add("GridSample", [floats(2, 2, 5, 6), grid], {"mode": mode, "padding_mode": padding}, atol=1e-5)
    cases.check(slipway)


def caches(tokens, half):
    angles = RANDOM.uniform(-3, 3, (tokens, half))
    return numpy.cos(angles).astype(numpy.float32), numpy.sin(angles).astype(numpy.float32)


def test_rotary_embedding(slipway, tmp_path):
    cases = Cases(tmp_path)
    for interleaved in (0, 1):
        cosines, sines = caches(12, 4)
        for x in (floats(2, 5, 24), floats(2, 3, 5, 8)):
            for positions in (numpy.array([3]), below(12, 2, 5, kind=numpy.int64)):
                cases.add("RotaryEmbedding", [x, positions, cosines, sines], {"interleaved": interleaved})
        cases.add("RotaryEmbedding", [floats(2, 5, 48), below(12, 2, 5, kind=numpy.int64), cosines, sines],
                  {"interleaved": interleaved, "num_heads": 3, "rotary_embedding_dim": 8})
    cases.check(slipway)


def quantisation(kind):
    """A scale and a zero point."""
    return number(RANDOM.uniform(0.01, 0.05)), number(bytes_of(kind), kind)


def test_quantised_elements(slipway, tmp_path):
    cases = Cases(tmp_path)

    def add(operator, inputs, attributes=None):
        cases.add(operator, inputs, attributes, rtol=0, atol=1)

    for kind in (numpy.uint8, numpy.int8):
        a, b = bytes_of(kind, 2, 3, 8), bytes_of(kind, 3, 1)
        for operator in ("QLinearAdd", "QLinearMul"):
            add(operator, [a, *quantisation(kind), b, *quantisation(kind), *quantisation(kind)])
        for operator, attributes in (("QLinearSigmoid", {}), ("QLinearLeakyRelu", {}), ("QLinearLeakyRelu", {"alpha": 0.3})):
            add(operator, [a, *quantisation(kind), number(0.004), number(3, kind)], attributes)
        for axis, opset in ((-1, 13), (1, 13), (2, 11), (1, 11)):
            add("QLinearSoftmax", [a, *quantisation(kind), number(1 / 256), number(0 if kind is numpy.uint8 else -128, kind)],
                {"axis": axis, "opset": opset})
        add("QLinearConcat", [*quantisation(kind), a, *quantisation(kind), bytes_of(kind, 2, 5, 8), *quantisation(kind)], {"axis": 1})
        add("QLinearWhere", [RANDOM.integers(0, 2, (3, 8)).astype(bool), a, *quantisation(kind), b, *quantisation(kind), *quantisation(kind)])
        images = [(bytes_of(kind, 2, 3, 7, 6), 0), (bytes_of(kind, 2, 7, 6, 3), 1)]
        for image, last in images:
            add("QLinearGlobalAveragePool", [image, *quantisation(kind), *quantisation(kind)], {"channels_last": last})
            for window in ({"kernel_shape": [3, 2]}, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]},
                           {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1},
                           {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}):
                add("QLinearAveragePool", [image, *quantisation(kind), *quantisation(kind)], {"channels_last": last, **window})
        add("NhwcMaxPool", [images[1][0]], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]})
        weights = bytes_of(kind, 4, 3, 3, 3)
        for image, last in images:
            for scales in (number(0.02), RANDOM.uniform(0.01, 0.03, 4).astype(numpy.float32)):
                zeros = numpy.zeros(scales.shape, kind)
                add("QLinearConv", [image, *quantisation(kind), weights, scales, zeros, number(0.9), number(3, kind)],
                    {"channels_last": last, "pads": [1, 1, 1, 1]})
                add("QLinearConv", [image, *quantisation(kind), weights, scales, zeros, number(0.9), number(3, kind),
                                    below(1000, 4)], {"channels_last": last, "strides": [2, 1]})
    cases.check(slipway)


def test_quantise_and_dequantise(slipway, tmp_path):
    cases = Cases(tmp_path)
    x = floats(3, 4, 2, scale=50)
    for kind in (numpy.uint8, numpy.int8, numpy.uint16, numpy.int16):
        cases.add("QuantizeLinear", [x, number(0.5), number(5, kind)])
        cases.add("QuantizeLinear", [x, floats(4) ** 2 + 0.1, bytes_of(kind, 4)], {"axis": 1})
        cases.add("DequantizeLinear", [bytes_of(kind, 3, 4, 2), number(0.5), number(5, kind)])
        cases.add("DequantizeLinear", [bytes_of(kind, 3, 4, 2), floats(4), bytes_of(kind, 4)], {"axis": 1})
    cases.add("DequantizeLinear", [below(1000, 3, 4), number(0.5)])
    cases.check(slipway)


def test_quantised_products(slipway, tmp_path):
    cases = Cases(tmp_path)
    for kind in (numpy.uint8, numpy.int8):
        b, zeros = weights_of(kind, 6, 4), bytes_of(kind, 4)
        scales, bias = RANDOM.uniform(0.01, 0.03, 4).astype(numpy.float32), floats(4)
        for inputs in ([number(0.02)], [number(0.02), number(3, kind)], [scales, zeros], [scales, zeros, bias], [number(0.02), NOTHING, bias]):
            cases.add("DynamicQuantizeMatMul", [floats(2, 3, 6), b, *inputs])
            a_kinds = (numpy.uint8,) if kind is numpy.uint8 else (numpy.uint8, numpy.int8)
            for a_kind in a_kinds:
                zero = [NOTHING] if len(inputs) == 1 else [number(4, a_kind)]
                cases.add("MatMulIntegerToFloat", [bytes_of(a_kind, 2, 3, 6), b, number(0.05), inputs[0], *zero, *inputs[1:]])
        for a_kind in (numpy.uint8, numpy.int8):
            if a_kind is numpy.int8 and kind is numpy.uint8:
                continue
            for transposed in (0, 1):
                attributes = {"transA": transposed, "transB": transposed, "alpha": 1.5 if transposed else 1.0}
                a_shape, b_shape = ((6, 3), (4, 6)) if transposed else ((3, 6), (6, 4))
                a, weights = bytes_of(a_kind, *a_shape), weights_of(kind, *b_shape)
                factors = [a, number(0.02), number(7, a_kind), weights]
                cases.add("QGemm", [*factors, scales, zeros], attributes)
                cases.add("QGemm", [*factors, number(0.01), number(2, kind), below(500, 4)], attributes)
                cases.add("QGemm", [*factors, scales, zeros, below(500, 3, 4), number(0.9), number(5, a_kind)], attributes, rtol=0, atol=1)
                cases.add("QGemm", [*factors, scales, zeros, NOTHING, number(0.9), number(5, a_kind)], attributes, rtol=0, atol=1)
    cases.check(slipway)


def masks(batch, tokens, keys):
    """Of all forms that attention takes, with at least one key left in each row."""
    flat = RANDOM.integers(0, 2, (batch, keys)).astype(numpy.int32)
    square = RANDOM.integers(0, 2, (batch, tokens, keys)).astype(numpy.int32)
    flat[:, 0] = square[:, :, 0] = 1
    ends = RANDOM.integers(keys // 2 + 1, keys + 1, batch).astype(numpy.int32)
    begins = RANDOM.integers(0, keys // 2, batch).astype(numpy.int32)
    return [NOTHING, flat, square, ends, numpy.concatenate([ends, begins])]


def test_attention(slipway, tmp_path):
    cases = Cases(tmp_path)
    batch, tokens, heads, size, hidden = 2, 4, 3, 8, 20
    wide = heads * size
    x, weights, bias = floats(batch, tokens, hidden), floats(hidden, 3 * wide, scale=0.2), floats(3 * wide)
    for causal in (0, 1):
        for mask in masks(batch, tokens, tokens):
            cases.add("Attention", [x, weights, bias, mask], {"num_heads": heads, "unidirectional": causal})
        past = floats(2, batch, heads, 5, size)
        for mask in masks(batch, tokens, tokens + 5):
            cases.add("Attention", [x, weights, bias, mask, past], {"num_heads": heads, "unidirectional": causal}, 2)
    cases.add("Attention", [x, weights, bias], {"num_heads": heads, "unidirectional": 1}, 2)
    cases.add("Attention", [x, weights, bias], {"num_heads": heads, "scale": 0.2})
    cases.add("Attention", [x, weights, bias, masks(batch, tokens, tokens)[1]], {"num_heads": heads, "mask_filter_value": -1.5})
    for shape in ((batch, heads, tokens, tokens), (1, heads, tokens, tokens), (1, 1, tokens, tokens)):
        cases.add("Attention", [x, weights, bias, NOTHING, NOTHING, floats(*shape)], {"num_heads": heads})
        cases.add("Attention", [x, weights, bias, masks(batch, tokens, tokens)[2], NOTHING, floats(*shape)], {"num_heads": heads})
    narrow = floats(hidden, 2 * wide + heads * 5, scale=0.2)
    cases.add("Attention", [x, narrow, floats(2 * wide + heads * 5)],
              {"num_heads": heads, "qkv_hidden_sizes": [wide, wide, heads * 5]})
    cases.check(slipway)


def test_quantised_attention(slipway, tmp_path):
    cases = Cases(tmp_path)
    x, bias = bytes_of(numpy.uint8, 2, 4, 20), floats(3 * 24)
    for kind in (numpy.uint8, numpy.int8):
        weights = weights_of(kind, 20, 3 * 24)
        for scales, zeros in ((number(0.01), number(3, kind)), (RANDOM.uniform(0.005, 0.02, 72).astype(numpy.float32), bytes_of(kind, 72))):
            for mask in (NOTHING, numpy.array([2, 4], numpy.int32)):
                for causal in (0, 1):
                    inputs = [x, weights, bias, number(0.02), scales, mask, number(120, numpy.uint8), zeros]
                    attributes = {"num_heads": 3, "unidirectional": causal}
                    cases.add("QAttention", inputs, attributes, atol=2e-5)
                    cases.add("QAttention", [*inputs, floats(2, 2, 3, 5, 8)], attributes, 2, atol=2e-5)
    cases.check(slipway)


def test_multi_head_attention(slipway, tmp_path):
    cases = Cases(tmp_path)
    batch, tokens, keys, heads, size, value_size = 2, 4, 6, 3, 8, 5
    query, key, value = floats(batch, tokens, heads * size), floats(batch, keys, heads * size), floats(batch, keys, heads * value_size)
    bias = floats(heads * (2 * size + value_size))
    for inputs in ([query, key, value], [query, key, value, bias]):
        cases.add("MultiHeadAttention", inputs, {"num_heads": heads})
        cases.add("MultiHeadAttention", inputs, {"num_heads": heads, "scale": 0.3}, 3)
        for mask in masks(batch, tokens, keys)[1:4]:
            padded = inputs + [NOTHING] * (4 - len(inputs)) + [mask]
            cases.add("MultiHeadAttention", padded, {"num_heads": heads})
            cases.add("MultiHeadAttention", [*padded, floats(1, heads, tokens, keys)], {"num_heads": heads})
    cache = [floats(batch, heads, keys, size), floats(batch, heads, keys, size)]
    cases.add("MultiHeadAttention", [query, *cache], {"num_heads": heads})
    past = [floats(batch, heads, 3, size), floats(batch, heads, 3, size)]
    new = [floats(batch, tokens, heads * size) for _ in range(3)]
    for causal in (0, 1):
        attributes = {"num_heads": heads, "unidirectional": causal}
        cases.add("MultiHeadAttention", [*new, NOTHING, NOTHING, NOTHING, *past], attributes, 3)
        cases.add("MultiHeadAttention", [*new, floats(3 * heads * size), NOTHING, floats(batch, 1, tokens, tokens + 3), *past], attributes, 3)
        cases.add("MultiHeadAttention", [*new, NOTHING, masks(batch, tokens, tokens + 3)[1], NOTHING, *past], attributes, 3)
        cases.add("MultiHeadAttention", [*new, NOTHING, masks(batch, tokens, tokens)[2]], attributes)
    cases.check(slipway)


def packed_size(count, bits):
    return (count * bits + 7) // 8


def test_products_with_few_bits(slipway, tmp_path):
    cases = Cases(tmp_path)
    rows, inner, columns = 3, 70, 5
    for bits in (2, 4, 8):
        for block in (16, 32):
            blocks = -(-inner // block)
            sizes = {"K": inner, "N": columns, "bits": bits, "block_size": block}
            a, scales = floats(2, rows, inner), floats(columns, blocks)
            weights = bytes_of(numpy.uint8, columns, blocks, block * bits // 8)
            cases.add("MatMulNBits", [a, weights, scales], sizes, atol=2e-4)
            zeros = bytes_of(numpy.uint8, columns, packed_size(blocks, bits))
            cases.add("MatMulNBits", [a, weights, scales, zeros], sizes, atol=2e-4)
            cases.add("MatMulNBits", [a, weights, scales, zeros, NOTHING, floats(columns)], sizes, atol=2e-4)
            if bits < 8:  # all that ONNX Runtime takes
                reals = RANDOM.uniform(0, 2**bits, (columns, blocks)).astype(numpy.float32)
                cases.add("MatMulNBits", [a, weights, scales, reals], sizes, atol=2e-4)
    # ONNX Runtime rounds A to 8 bits here.
    cases.add("MatMulNBits", [floats(3, 64), bytes_of(numpy.uint8, 8, 2, 16), floats(8, 2, scale=0.1)],
              {"K": 64, "N": 8, "bits": 4, "block_size": 32, "accuracy_level": 4}, atol=0.3)
    cases.check(slipway)


def test_gather_from_quantised_tables(slipway, tmp_path):
    cases = Cases(tmp_path)
    indices = numpy.array([[0, 5, -1], [3, 3, 2]], numpy.int64)
    for bits in (4, 8):
        data = bytes_of(numpy.uint8, 6, 48 * bits // 8)
        attributes = {"bits": bits, "block_size": 16, "gather_axis": 0, "quantize_axis": 1}
        for places in (indices, indices.astype(numpy.int32), numpy.array(1, numpy.int64)):
            cases.add("GatherBlockQuantized", [data, places, floats(6, 3)], attributes)
            cases.add("GatherBlockQuantized", [data, places, floats(6, 3), bytes_of(numpy.uint8, 6, packed_size(3, bits))], attributes)
    cases.check(slipway)


def test_operators_without_twins(slipway, tmp_path):
    cases = Cases(tmp_path)
    cases.add("Inverse", [floats(2, 3, 4, 4)], atol=1e-4, rtol=1e-4)
    cases.add("Inverse", [floats(5, 5).astype(numpy.float64)])
    tokens = numpy.array([[1, 2, 3, 1, 2], [4, 4, 4, 4, 4], [0, 1, 2, 3, 4]])
    for size in (1, 2, 3, 6):
        cases.add("NGramRepeatBlock", [tokens, floats(3, 6)], {"ngram_size": size})
    corners = numpy.array([[0, 0, 1, 1], [0.2, 0.3, 0.7, 0.9], [0.8, 0.1, 0.1, 0.6], [-0.2, 0, 1.3, 1]], numpy.float32)
    for mode in ("bilinear", "nearest"):
        for size in ([4, 5], [1, 1]):
            cases.add("CropAndResize", [floats(2, 3, 7, 9), corners, numpy.array([0, 1, 1, 0], numpy.int32), numpy.array(size, numpy.int32)],
                      {"mode": mode, "extrapolation_value": 0.5})
    for metric in ("euclidean", "sqeuclidean"):
        cases.add("CDist", [floats(4, 6), floats(5, 6)], {"metric": metric})
    for axis, size, step in ((-1, 4, 1), (0, 2, 1), (1, 3, 2), (1, 5, 7), (2, 1, 3)):
        cases.add("UnfoldTensor", [floats(2, 5, 6)], {"dim": axis, "size": size, "step": step})
    cases.add("UnfoldTensor", [numpy.arange(7)], {"size": 3})
    cases.check(slipway)


def test_group_query_attention(slipway, tmp_path):
    cases = Cases(tmp_path)
    heads, kv_heads, size = 4, 2, 16
    cosines, sines = caches(20, 8)

    def query(batch, tokens):
        return [floats(batch, tokens, heads * size), floats(batch, tokens, kv_heads * size), floats(batch, tokens, kv_heads * size)]

    def add(inputs, outputs=3, **attributes):
        cases.add("GroupQueryAttention", inputs, {"num_heads": heads, "kv_num_heads": kv_heads, **attributes}, outputs)

    def lengths(*lasts):
        return numpy.array(lasts, numpy.int32)

    def all_tokens(count):
        return number(count, numpy.int32)

    rotations = [{}, {"do_rotary": 1}, {"do_rotary": 1, "rotary_interleaved": 1}]
    for rotation in rotations:
        # A first prompt, alone and into a buffer that has room for more.
        angles = [cosines, sines] if rotation else []
        add([*query(2, 5), NOTHING, NOTHING, lengths(4, 4), all_tokens(5), *angles], **rotation)
        packed = floats(2, 5, (heads + 2 * kv_heads) * size)
        add([packed, NOTHING, NOTHING, NOTHING, NOTHING, lengths(4, 4), all_tokens(5), *angles], **rotation)
        # One token more, behind pasts of different lengths.
        past = [floats(2, kv_heads, 9, size) for _ in range(2)]
        add([*query(2, 1), *past, lengths(9, 6), all_tokens(10), *angles], **rotation)
        # Several tokens more.
        past = [floats(1, kv_heads, 9, size) for _ in range(2)]
        add([*query(1, 3), *past, lengths(11), all_tokens(12), *angles], **rotation)
    past = [floats(1, kv_heads, 9, size) for _ in range(2)]
    more = [*query(1, 3), *past, lengths(11), all_tokens(12)]
    for attributes in ({"scale": 0.1}, {"softcap": 2.0}, {"smooth_softmax": 1}, {"local_window_size": 4}, {"causal": 0},
                       {"local_window_size": 4, "softcap": 1.5, "smooth_softmax": 1}):
        add(more, **attributes)
    add([*more, NOTHING, NOTHING, NOTHING, floats(1, heads, 3, 12)])
    add([*more, NOTHING, NOTHING, NOTHING, floats(1, 1, 3, 12)], softcap=2.0)
    add([*more, NOTHING, NOTHING, NOTHING, NOTHING, floats(heads)])
    add([*more, cosines, sines, numpy.array([[9, 10, 11]])], do_rotary=1)
    add([*query(2, 1), *[floats(2, kv_heads, 9, size) for _ in range(2)], lengths(9, 6), all_tokens(10), cosines, sines,
         numpy.array([[4], [2]])], do_rotary=1)
    cases.check(slipway)


def test_tokens(slipway, tmp_path):
    cases = Cases(tmp_path)
    texts = numpy.array(["Hello big  World", "", "a b.c", "gr\u00fc\u00dfe aus K\u00f6ln", "..."])
    table = numpy.array([["one two", "three"], ["", "four five six"]])
    for rule in ({"separators": [" "]}, {"separators": [" ", "[.]"]}, {"separators": ["[. ]+"]}, {"separators": [""]},
                 {"tokenexp": "[a-zA-Z]+"}, {"tokenexp": "."}, {"tokenexp": "[a-z]+|[A-Z][a-z]+"}):
        characters = rule in ({"separators": [""]}, {"tokenexp": "."})
        for shortest in (1,) if characters else (1, 2):
            for mark in (0, 1):
                for x in (texts, table):
                    cases.add("Tokenizer", [x], {"mark": mark, "mincharnum": shortest, "pad_value": "#", **rule})
    cases.check(slipway)


def run_alone(slipway, folder, operator, inputs, attributes, outputs=1):
    """Of an operator that ONNX Runtime has for other processors only."""
    model = single_operator.model_of(operator, inputs, attributes, outputs, 17, "com.microsoft")
    for out in model.graph.output:
        out.CopyFrom(onnx.helper.make_tensor_value_info(out.name, onnx.TensorProto.FLOAT, None))
    onnx.save(model, folder / "model.onnx")
    return list(slipway.run_tensors(folder / "model.onnx", {f"i{place}": array for place, array in enumerate(inputs)}).values())


def test_operators_of_diffusion_models_like_pytorch(slipway, tmp_path):
    x, skip, bias = floats(2, 5, 6, 8), floats(2, 5, 6, 8), floats(8)
    scale, shift = floats(8), floats(8)

    def expected(image, activation):
        first = torch.from_numpy(image).permute(0, 3, 1, 2)
        normal = torch.nn.functional.group_norm(first, 4, torch.from_numpy(scale), torch.from_numpy(shift), 1e-4)
        return (torch.nn.functional.silu(normal) if activation else normal).permute(0, 2, 3, 1).numpy()

    for activation in (0, 1):
        attributes = {"groups": 4, "epsilon": 1e-4, "activation": activation}
        actual = run_alone(slipway, tmp_path, "GroupNorm", [x, scale, shift], attributes)
        assert_close(actual[0], expected(x, activation), 1e-5)
        actual = run_alone(slipway, tmp_path, "SkipGroupNorm", [x, scale, shift, skip, bias], attributes, 2)
        assert_close(actual[0], expected(x + skip + bias, activation), 1e-5)
        assert_close(actual[1], x + skip + bias, 1e-6)
        actual = run_alone(slipway, tmp_path, "SkipGroupNorm", [x, scale, shift, skip[:, 0, 0]], attributes)
        assert_close(actual[0], expected(x + skip[:, :1, :1], activation), 1e-5)
    rows = floats(2, 3, 8)
    assert_close(run_alone(slipway, tmp_path, "BiasAdd", [rows, bias, rows * 2], {})[0], rows * 3 + bias, 1e-6)
    left, right = numpy.split(rows + bias, 2, axis=-1)
    gated = left * torch.nn.functional.gelu(torch.from_numpy(right)).numpy()
    assert_close(run_alone(slipway, tmp_path, "BiasSplitGelu", [rows, bias], {})[0], gated, 1e-5)
