"""What real networks spend their time in besides convolutions: at least six cases for each family of operators.

Shapes are those of published networks (named beside them where one is meant). A case is one node, or few; inputs that
are weights in a network are constants here.
"""

import dataclasses

import numpy
import onnx
from onnx import helper, numpy_helper

OPSET = 20  # what both engines take for all of these
RANDOM = numpy.random.default_rng(5)


def f32(*shape, low=-1.0, high=1.0):
    return RANDOM.uniform(low, high, shape).astype(numpy.float32)


def f16(*shape):
    return f32(*shape).astype(numpy.float16)


def i64(*numbers):
    return numpy.array(numbers, dtype=numpy.int64)


def integers(kind, low, high, *shape):
    return RANDOM.integers(low, high, shape).astype(kind)


@dataclasses.dataclass
class Case:
    """One node; inputs whose places are in `constant` are initializers."""
    family: str
    name: str
    operator: str
    inputs: list
    attributes: dict = dataclasses.field(default_factory=dict)
    constant: tuple = ()
    outputs: int = 1
    opset: int = OPSET

    def model(self):
        names = [f"i{place}" if array is not None else "" for place, array in enumerate(self.inputs)]
        outs = [f"o{place}" for place in range(self.outputs)]
        info = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
                for place, (name, array) in enumerate(zip(names, self.inputs))
                if array is not None and place not in self.constant]
        weights = [numpy_helper.from_array(self.inputs[place], names[place]) for place in self.constant]
        domain = "ai.onnx.ml" if self.operator.startswith("Tree") else ""
        node = helper.make_node(self.operator, names, outs, domain=domain, **self.attributes)
        untyped = [onnx.ValueInfoProto(name=name) for name in outs]
        graph = helper.make_graph([node], self.name, info, untyped, weights)
        imports = [helper.make_opsetid("", self.opset)] + ([helper.make_opsetid(domain, 3)] if domain else [])
        return helper.make_model(graph, opset_imports=imports, ir_version=9 if self.opset == OPSET else 10)

    def fed(self):
        return [array for place, array in enumerate(self.inputs) if array is not None and place not in self.constant]


def elementwise():
    yield "add-residual", "Add", [f32(1, 256, 56, 56), f32(1, 256, 56, 56)]
    yield "add-bias-token", "Add", [f32(8, 197, 768), f32(768)]
    yield "mul-channel", "Mul", [f32(1, 96, 112, 112), f32(1, 96, 1, 1)]
    yield "sub-mean", "Sub", [f32(32, 128, 512), f32(32, 128, 1)]
    yield "div-scores", "Div", [f32(1, 12, 384, 384), f32()]
    yield "pow-square", "Pow", [f32(16, 128, 768), numpy.float32(2).reshape(())], {}, (1,)
    yield "add-i64-positions", "Add", [integers("int64", 0, 99, 8, 512), integers("int64", 0, 9, 1, 512)]
    yield "max-pair", "Max", [f32(1, 64, 112, 112), f32(1, 64, 112, 112)]


def activations():
    for name, shape in (("Relu", (1, 64, 112, 112)), ("Sigmoid", (1, 96, 112, 112)), ("Tanh", (64, 4096)),
                        ("Exp", (1, 12, 256, 256)), ("Erf", (8, 197, 3072)), ("Gelu", (8, 197, 3072)),
                        ("LeakyRelu", (1, 64, 160, 160)), ("HardSwish", (1, 120, 28, 28)), ("Softplus", (1, 128, 52, 52)),
                        ("Log", (64, 4096)), ("Sqrt", (64, 4096))):
        yield name.lower(), name, [f32(*shape, low=0.1) if name in ("Log", "Sqrt") else f32(*shape, low=-4, high=4)]


def reductions():
    yield "mean-last", "ReduceMean", [f32(8, 197, 768), i64(-1)], {}, (1,)
    yield "mean-image", "ReduceMean", [f32(8, 512, 28, 28), i64(2, 3)], {}, (1,)
    yield "sum-channels", "ReduceSum", [f32(8, 64, 56, 56), i64(1)], {}, (1,)
    yield "max-rows", "ReduceMax", [f32(384, 12 * 384), i64(-1)], {}, (1,)
    yield "l2-embedding", "ReduceL2", [f32(256, 1024), i64(1)], {}, (1,)
    yield "sum-all", "ReduceSum", [f32(1000, 1000)]
    yield "argmax-segmentation", "ArgMax", [f32(1, 21, 520, 520)], {"axis": 1}
    yield "argmax-logits", "ArgMax", [f32(8, 32000)], {"axis": -1}


def transposes():
    yield "heads", "Transpose", [f32(8, 197, 12, 64)], {"perm": [0, 2, 1, 3]}
    yield "nchw-nhwc", "Transpose", [f32(1, 64, 112, 112)], {"perm": [0, 2, 3, 1]}
    yield "nhwc-nchw", "Transpose", [f32(1, 224, 224, 3)], {"perm": [0, 3, 1, 2]}
    yield "matrix", "Transpose", [f32(1024, 1024)], {"perm": [1, 0]}
    yield "keys", "Transpose", [f32(8, 12, 197, 64)], {"perm": [0, 1, 3, 2]}
    yield "windows", "Transpose", [f32(1, 8, 7, 8, 7, 96)], {"perm": [0, 1, 3, 2, 4, 5]}
    yield "shuffle-u8", "Transpose", [integers("uint8", 0, 255, 1, 480, 640, 3)], {"perm": [0, 3, 1, 2]}


def joins():
    yield "concat-dense", "Concat", [f32(1, 64, 56, 56), f32(1, 32, 56, 56), f32(1, 32, 56, 56)], {"axis": 1}
    yield "concat-token", "Concat", [f32(8, 1, 768), f32(8, 196, 768)], {"axis": 1}
    yield "concat-last", "Concat", [f32(8, 512, 64), f32(8, 512, 64)], {"axis": -1}
    yield "split-qkv", "Split", [f32(8, 197, 2304), i64(768, 768, 768)], {"axis": -1}, (1,), 3
    yield "split-channels", "Split", [f32(1, 116, 28, 28), i64(58, 58)], {"axis": 1}, (1,), 2
    yield "slice-focus", "Slice", [f32(1, 3, 640, 640), i64(0, 0), i64(640, 640), i64(2, 3), i64(2, 2)], {}, (1, 2, 3, 4)
    yield "slice-token", "Slice", [f32(8, 197, 768), i64(0), i64(1), i64(1)], {}, (1, 2, 3)
    yield "slice-rows", "Slice", [f32(64, 1000, 32), i64(10), i64(900), i64(1)], {}, (1, 2, 3)


def gathers():
    yield "embedding", "Gather", [f32(30522, 768), integers("int64", 0, 30522, 8, 128)], {}, (0,)
    yield "positions", "Gather", [f32(512, 768), integers("int64", 0, 512, 1, 384)], {}, (0,)
    yield "columns", "Gather", [f32(1000, 512), integers("int64", 0, 512, 256)], {"axis": 1}, (1,)
    yield "elements", "GatherElements", [f32(8, 8400, 80), integers("int64", 0, 8400, 8, 300, 80)], {"axis": 1}
    yield "nd", "GatherND", [f32(64, 64, 256), integers("int64", 0, 64, 1000, 2)]
    yield "scatter-elements", "ScatterElements", [f32(1000, 256), integers("int64", 0, 1000, 100, 256), f32(100, 256)]
    yield "scatter-nd", "ScatterND", [f32(1000, 256), integers("int64", 0, 1000, 200, 1), f32(200, 256)]
    yield "scatter-add", "ScatterND", [f32(1000, 256), integers("int64", 0, 1000, 2000, 1), f32(2000, 256)], \
        {"reduction": "add"}


def pads():
    yield "same-3x3", "Pad", [f32(1, 64, 112, 112), i64(0, 0, 1, 1, 0, 0, 1, 1)], {}, (1,)
    yield "reflect", "Pad", [f32(1, 64, 128, 128), i64(0, 0, 3, 3, 0, 0, 3, 3)], {"mode": "reflect"}, (1,)
    yield "edge", "Pad", [f32(1, 3, 480, 640), i64(0, 0, 8, 8, 0, 0, 8, 8)], {"mode": "edge"}, (1,)
    yield "tokens", "Pad", [f32(8, 197, 768), i64(0, 0, 0, 0, 59, 0)], {}, (1,)
    yield "windows", "Pad", [f32(1, 56, 56, 96), i64(0, 0, 0, 0, 0, 7, 7, 0)], {}, (1,)
    yield "letterbox", "Pad", [f32(1, 3, 480, 640), i64(0, 0, 80, 0, 0, 0, 80, 0), numpy.float32(.447).reshape(())], {}, (1, 2)


def softmaxes():
    yield "attention", "Softmax", [f32(8, 12, 197, 197)], {"axis": -1}
    yield "attention-long", "Softmax", [f32(1, 12, 1024, 1024)], {"axis": -1}
    yield "vocabulary", "Softmax", [f32(8, 32000)], {"axis": -1}
    yield "channels", "Softmax", [f32(1, 21, 260, 260)], {"axis": 1}
    yield "boxes", "Softmax", [f32(1, 16, 4, 8400)], {"axis": 1}
    yield "log", "LogSoftmax", [f32(64, 1000)], {"axis": -1}


def normalisations():
    yield "layer-vit", "LayerNormalization", [f32(8, 197, 768), f32(768), f32(768)], {"axis": -1}, (1, 2)
    yield "layer-bert", "LayerNormalization", [f32(1, 384, 1024), f32(1024), f32(1024)], {"axis": -1}, (1, 2)
    yield "layer-swin", "LayerNormalization", [f32(1, 3136, 96), f32(96), f32(96)], {"axis": -1}, (1, 2)
    yield "instance", "InstanceNormalization", [f32(1, 64, 128, 128), f32(64), f32(64)], {}, (1, 2)
    yield "batch", "BatchNormalization", [f32(1, 256, 56, 56), f32(256), f32(256), f32(256), f32(256, low=.5)], {}, (1, 2, 3, 4)
    yield "lrn", "LRN", [f32(1, 96, 54, 54)], {"size": 5}
    yield "lp", "LpNormalization", [f32(256, 1024)], {"axis": -1, "p": 2}


def poolings():
    yield "max-3x3-s2", "MaxPool", [f32(1, 64, 112, 112)], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
    yield "max-2x2", "MaxPool", [f32(1, 64, 224, 224)], {"kernel_shape": [2, 2], "strides": [2, 2]}
    yield "max-5x5-spp", "MaxPool", [f32(1, 256, 20, 20)], {"kernel_shape": [5, 5], "pads": [2] * 4}
    yield "average-3x3", "AveragePool", [f32(1, 192, 35, 35)], {"kernel_shape": [3, 3], "pads": [1] * 4}
    yield "average-2x2", "AveragePool", [f32(1, 128, 56, 56)], {"kernel_shape": [2, 2], "strides": [2, 2]}
    yield "global-average", "GlobalAveragePool", [f32(8, 2048, 7, 7)]
    yield "global-max", "GlobalMaxPool", [f32(8, 512, 14, 14)]


def resizes():
    def scales(factor):
        return numpy.array([1, 1, factor, factor], dtype=numpy.float32)
    yield "nearest-2x", "Resize", [f32(1, 256, 40, 40), None, scales(2)], \
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, (2,)
    yield "linear-2x", "Resize", [f32(1, 64, 64, 64), None, scales(2)], {"mode": "linear"}, (2,)
    yield "linear-8x", "Resize", [f32(1, 21, 65, 65), None, scales(8)], {"mode": "linear"}, (2,)
    yield "linear-half", "Resize", [f32(1, 3, 480, 640), None, scales(.5)], {"mode": "linear"}, (2,)
    yield "cubic-3x", "Resize", [f32(1, 3, 256, 256), None, scales(3)], {"mode": "cubic"}, (2,)
    yield "align-corners", "Resize", [f32(1, 128, 32, 32), None, scales(2)], \
        {"mode": "linear", "coordinate_transformation_mode": "align_corners"}, (2,)


def scans():
    yield "cumsum-last", "CumSum", [f32(64, 4096), numpy.array(1)], {}, (1,)
    yield "cumsum-first", "CumSum", [f32(1024, 256), numpy.array(0)], {}, (1,)
    yield "cumsum-mask", "CumSum", [integers("int32", 0, 2, 8, 512), numpy.array(1)], {}, (1,)
    yield "topk-boxes", "TopK", [f32(1, 8400), i64(300)], {"axis": -1}, (1,), 2
    yield "topk-logits", "TopK", [f32(8, 32000), i64(50)], {"axis": -1}, (1,), 2
    yield "topk-classes", "TopK", [f32(256, 1000), i64(5)], {"axis": -1}, (1,), 2


def choices():
    yield "where-mask", "Where", [RANDOM.random((1, 1, 384, 384)) < .5, f32(1, 12, 384, 384), f32()], {}
    yield "where-same", "Where", [RANDOM.random((256, 4096)) < .5, f32(256, 4096), f32(256, 4096)], {}
    yield "clip", "Clip", [f32(1, 96, 112, 112), numpy.float32(0).reshape(()), numpy.float32(6).reshape(())], {}, (1, 2)
    yield "equal", "Equal", [integers("int64", 0, 9, 8, 4096), i64(0)], {}
    yield "greater", "Greater", [f32(1, 80, 8400), f32()], {}
    yield "not", "Not", [RANDOM.random((64, 4096)) < .5], {}


def casts():
    one = {"to": onnx.TensorProto.FLOAT}
    yield "u8-f32", "Cast", [integers("uint8", 0, 255, 1, 480, 640, 3)], one
    yield "f32-u8", "Cast", [f32(1, 480, 640, 3, high=255, low=0)], {"to": onnx.TensorProto.UINT8}
    yield "f16-f32", "Cast", [f16(1024, 1024)], one
    yield "f32-f16", "Cast", [f32(1024, 1024)], {"to": onnx.TensorProto.FLOAT16}
    yield "i64-f32", "Cast", [integers("int64", 0, 99, 64, 4096)], one
    yield "bool-f32", "Cast", [RANDOM.random((64, 4096)) < .5], one
    yield "f32-i64", "Cast", [f32(64, 4096)], {"to": onnx.TensorProto.INT64}


def einsums():
    yield "scores", "Einsum", [f32(8, 12, 197, 64), f32(8, 12, 197, 64)], {"equation": "bhid,bhjd->bhij"}
    yield "values", "Einsum", [f32(8, 12, 197, 197), f32(8, 12, 197, 64)], {"equation": "bhij,bhjd->bhid"}
    yield "projection", "Einsum", [f32(8, 197, 768), f32(768, 768)], {"equation": "bid,de->bie"}, (1,)
    yield "relative", "Einsum", [f32(8, 64, 64, 32), f32(64, 64, 32)], {"equation": "bhwc,wkc->bhwk"}
    yield "outer", "Einsum", [f32(64, 512), f32(64, 512)], {"equation": "bi,bj->bij"}
    yield "trace", "Einsum", [f32(64, 128, 128)], {"equation": "bii->b"}


def vision():
    boxes = f32(1, 1000, 4, low=0, high=500)
    boxes[..., 2:] += boxes[..., :2]
    small = boxes[:, :200]
    yield "nms-1000", "NonMaxSuppression", [boxes, f32(1, 1, 1000, low=0), i64(100), f32() * 0 + .5, f32() * 0 + .25], {}, (2, 3, 4)
    yield "nms-classes", "NonMaxSuppression", [small, f32(1, 80, 200, low=0), i64(100), f32() * 0 + .5, f32() * 0 + .25], {}, (2, 3, 4)
    rois = boxes[0, :256] / 16
    batch = numpy.zeros(256, dtype=numpy.int64)
    yield "roi-align-7", "RoiAlign", [f32(1, 256, 64, 64), rois, batch], {"output_height": 7, "output_width": 7, "sampling_ratio": 2}
    yield "roi-align-14", "RoiAlign", [f32(1, 256, 64, 64), rois[:100], batch[:100]], {"output_height": 14, "output_width": 14, "sampling_ratio": 2}
    yield "grid-sample", "GridSample", [f32(1, 64, 64, 64), f32(1, 64, 64, 2)], {"mode": "linear"}
    yield "grid-sample-cubic", "GridSample", [f32(1, 3, 256, 256), f32(1, 256, 256, 2)], {"mode": "cubic"}
    yield "grid-sample-nearest", "GridSample", [f32(1, 32, 128, 128), f32(1, 128, 128, 2)], {"mode": "nearest"}
    yield "depth-to-space", "DepthToSpace", [f32(1, 48, 128, 128)], {"blocksize": 4}


def recurrent():
    def weights(gates, inputs, hidden, directions=1):
        return [f32(directions, gates * hidden, inputs, low=-.1, high=.1), f32(directions, gates * hidden, hidden, low=-.1, high=.1),
                f32(directions, 2 * gates * hidden, low=-.1, high=.1)]
    yield "lstm-speech", "LSTM", [f32(100, 1, 80), *weights(4, 80, 256)], {"hidden_size": 256}, (1, 2, 3), 3
    yield "lstm-batch", "LSTM", [f32(64, 32, 128), *weights(4, 128, 128)], {"hidden_size": 128}, (1, 2, 3), 3
    yield "lstm-both-ways", "LSTM", [f32(40, 1, 512), *weights(4, 512, 256, 2)], {"hidden_size": 256, "direction": "bidirectional"}, (1, 2, 3), 3
    yield "gru-stream", "GRU", [f32(100, 1, 128), *weights(3, 128, 256)], {"hidden_size": 256, "linear_before_reset": 1}, (1, 2, 3), 2
    yield "gru-batch", "GRU", [f32(32, 16, 64), *weights(3, 64, 128)], {"hidden_size": 128, "linear_before_reset": 1}, (1, 2, 3), 2
    yield "rnn", "RNN", [f32(50, 8, 64), *weights(1, 64, 128)], {"hidden_size": 128}, (1, 2, 3), 2


def quantised():
    scale, zero = numpy.float32(.02).reshape(()), numpy.uint8(128).reshape(())
    image = integers("uint8", 0, 255, 1, 64, 56, 56)
    yield "quantize", "QuantizeLinear", [f32(1, 64, 112, 112), scale, zero], {}, (1, 2)
    yield "dequantize", "DequantizeLinear", [integers("uint8", 0, 255, 1, 64, 112, 112), scale, zero], {}, (1, 2)
    yield "dequantize-channels", "DequantizeLinear", [integers("int8", -127, 127, 768, 768), f32(768, low=.01), integers("int8", 0, 1, 768)], {"axis": 0}, (1, 2)
    yield "dynamic", "DynamicQuantizeLinear", [f32(128, 768)], {}, (), 3
    yield "matmul-integer", "MatMulInteger", [integers("uint8", 0, 255, 128, 768), integers("int8", -127, 127, 768, 768), zero], {}, (1, 2)
    yield "qlinear-matmul", "QLinearMatMul", [integers("uint8", 0, 255, 128, 768), scale, zero, integers("uint8", 0, 255, 768, 768), scale, zero, scale, zero], {}, (1, 2, 3, 4, 5, 6, 7)
    yield "qlinear-conv", "QLinearConv", [image, scale, zero, integers("int8", -127, 127, 64, 64, 3, 3), scale, numpy.int8(0).reshape(()), scale, zero], {"pads": [1] * 4}, (1, 2, 3, 4, 5, 6, 7)


def products():
    yield "mlp", "MatMul", [f32(1576, 768), f32(768, 3072)], {}, (1,)
    yield "attention-scores", "MatMul", [f32(8, 12, 197, 64), f32(8, 12, 64, 197)]
    yield "classifier", "Gemm", [f32(1, 2048), f32(1000, 2048), f32(1000)], {"transB": 1}, (1, 2)
    yield "vector", "MatMul", [f32(1, 4096), f32(4096, 4096)], {}, (1,)
    yield "odd", "MatMul", [f32(77, 131), f32(131, 67)]
    yield "tall", "MatMul", [f32(8400, 16), f32(16, 4)]
    yield "bert-base", "Gemm", [f32(384, 768), f32(768, 768), f32(768)], {}, (1, 2)


def trees():
    """Full binary trees of random features and thresholds."""
    for name, count, depth, features, rows in (("small", 100, 4, 10, 1), ("batch", 100, 6, 30, 1000), ("deep", 50, 10, 30, 100),
                                               ("many", 500, 5, 100, 100), ("wide", 200, 6, 500, 64), ("row", 500, 6, 30, 1)):
        yield name, "TreeEnsembleRegressor", [f32(rows, features)], forest(count, depth, features)


def rescalings():
    """Between numbers and few bits, beyond `quantised`."""
    import ml_dtypes
    scale = numpy.float32(.02).reshape(())
    e4m3 = f32(768, 768).astype(ml_dtypes.float8_e4m3fn)
    yield "quantize-i8", "QuantizeLinear", [f32(1, 256, 28, 28), scale, numpy.int8(0).reshape(())], {}, (1, 2)
    yield "quantize-tokens", "QuantizeLinear", [f32(8, 197, 768), scale, numpy.uint8(128).reshape(())], {}, (1, 2)
    yield "quantize-channels", "QuantizeLinear", [f32(256, 128, 3, 3), f32(256, low=.01), integers("int8", 0, 1, 256)], {"axis": 0}, (1, 2)
    yield "dequantize-columns", "DequantizeLinear", [integers("int8", -127, 127, 768, 3072), f32(3072, low=.01), integers("int8", 0, 1, 3072)], {"axis": 1}, (1, 2)
    yield "dequantize-i8", "DequantizeLinear", [integers("int8", -127, 127, 1, 512, 28, 28), scale], {}, (1,)
    yield "dequantize-i32", "DequantizeLinear", [integers("int32", -9999, 9999, 128, 768), scale], {}, (1,)
    yield "dequantize-f8", "DequantizeLinear", [e4m3, scale, numpy.zeros((), dtype=e4m3.dtype)], {}, (1, 2)
    yield "dynamic-tokens", "DynamicQuantizeLinear", [f32(8, 197, 768)], {}, (), 3


def quantised_products():
    scale, zero = numpy.float32(.02).reshape(()), numpy.uint8(128).reshape(())
    none = numpy.int8(0).reshape(())
    rest = (1, 2, 3, 4, 5, 6, 7)
    yield "bert-ffn", "MatMulInteger", [integers("uint8", 0, 255, 128, 768), integers("int8", -127, 127, 768, 3072), zero, none], {}, (1, 2, 3)
    yield "vector", "MatMulInteger", [integers("uint8", 0, 255, 1, 1024), integers("int8", -127, 127, 1024, 4096), zero], {}, (1, 2)
    yield "u8-weights", "MatMulInteger", [integers("uint8", 0, 255, 197, 384), integers("uint8", 0, 255, 384, 1152), zero, zero], {}, (1, 2, 3)
    yield "heads", "QLinearMatMul", [integers("uint8", 0, 255, 12, 128, 64), scale, zero, integers("uint8", 0, 255, 12, 64, 128), scale, zero, scale, zero], {}, (1, 2, 4, 5, 6, 7)
    yield "columns", "QLinearMatMul", [integers("uint8", 0, 255, 197, 768), scale, zero, integers("int8", -127, 127, 768, 768), f32(768, low=.01), integers("int8", 0, 1, 768), scale, zero], {}, rest
    yield "signed", "QLinearMatMul", [integers("int8", -127, 127, 384, 256), scale, none, integers("int8", -127, 127, 256, 256), scale, none, scale, none], {}, rest
    yield "classifier", "QLinearMatMul", [integers("uint8", 0, 255, 1, 2048), scale, zero, integers("int8", -127, 127, 2048, 1000), scale, none, scale, zero], {}, rest
    yield "odd", "MatMulInteger", [integers("uint8", 0, 255, 77, 131), integers("int8", -127, 127, 131, 67), zero], {}, (1, 2)


def quantised_convolutions():
    scale, zero = numpy.float32(.02).reshape(()), numpy.uint8(128).reshape(())

    def conv(image, weights, pads, strides=(1, 1), group=1, bias=True):
        kind = "int8" if image.dtype == numpy.int8 else "uint8"
        one = numpy.zeros((), dtype=kind)
        channels = weights[0]
        inputs = [image, scale, one, integers("int8", -127, 127, *weights), f32(channels, low=.001, high=.01),
                  numpy.zeros(channels, dtype=numpy.int8), scale, one]
        if bias:
            inputs.append(integers("int32", -999, 999, channels))
        return "QLinearConv", inputs, {"pads": [pads] * 4, "strides": list(strides), "group": group}, tuple(range(1, len(inputs)))

    def picture(*shape):
        return integers("uint8", 0, 255, *shape)
    yield "stem-7x7-s2", *conv(picture(1, 3, 224, 224), (64, 3, 7, 7), 3, (2, 2))
    yield "resnet-1x1", *conv(picture(1, 256, 56, 56), (64, 256, 1, 1), 0)
    yield "resnet-1x1-s2", *conv(picture(1, 256, 56, 56), (512, 256, 1, 1), 0, (2, 2))
    yield "resnet-3x3", *conv(picture(1, 256, 14, 14), (256, 256, 3, 3), 1)
    yield "resnet-deep", *conv(picture(1, 512, 7, 7), (512, 512, 3, 3), 1)
    yield "mobile-depthwise", *conv(picture(1, 144, 56, 56), (144, 1, 3, 3), 1, (1, 1), 144)
    yield "mobile-depthwise-s2", *conv(picture(1, 96, 112, 112), (96, 1, 3, 3), 1, (2, 2), 96)
    yield "mobile-expand", *conv(picture(1, 64, 14, 14), (384, 64, 1, 1), 0)
    yield "resnext-groups", *conv(picture(1, 128, 28, 28), (128, 4, 3, 3), 1, (1, 1), 32)
    yield "signed", *conv(integers("int8", -127, 127, 1, 128, 28, 28), (128, 128, 3, 3), 1)
    yield "integer", "ConvInteger", [picture(1, 64, 28, 28), integers("int8", -127, 127, 64, 64, 3, 3), zero], {"pads": [1] * 4}, (1, 2)


def small_products():
    """Batches of small matrices, vectors, odd sizes, every transposition."""
    yield "batch-8x16", "MatMul", [f32(1024, 8, 16), f32(1024, 16, 8)]
    yield "windows", "MatMul", [f32(192, 49, 32), f32(192, 32, 49)]
    yield "decode", "MatMul", [f32(32, 1, 128), f32(32, 128, 512)]
    yield "matrix-vector", "MatMul", [f32(1000, 512), f32(512)]
    yield "points", "MatMul", [f32(16384, 3), f32(3, 3)], {}, (1,)
    yield "odd-k", "MatMul", [f32(33, 257), f32(257, 65)]
    yield "fully-connected", "Gemm", [f32(1, 1024), f32(4096, 1024), f32(4096)], {"transB": 1}, (1, 2)
    yield "gemm-trans-a", "Gemm", [f32(768, 128), f32(768, 256)], {"transA": 1}
    yield "gemm-trans-both", "Gemm", [f32(300, 70), f32(130, 300)], {"transA": 1, "transB": 1}
    yield "square", "MatMul", [f32(512, 512), f32(512, 512)]


def forest(count, depth, features):
    nodes = 2 ** (depth + 1) - 1
    inner = 2 ** depth - 1
    leaf = numpy.arange(nodes) >= inner
    places = numpy.arange(nodes)
    per_tree = {"nodes_nodeids": places, "nodes_truenodeids": numpy.where(leaf, 0, 2 * places + 1),
                "nodes_falsenodeids": numpy.where(leaf, 0, 2 * places + 2)}
    attributes = {key: numpy.tile(values, count).tolist() for key, values in per_tree.items()}
    leaves = places[leaf]
    attributes |= {
        "nodes_treeids": numpy.repeat(numpy.arange(count), nodes).tolist(),
        "nodes_featureids": RANDOM.integers(0, features, count * nodes).tolist(),
        "nodes_values": RANDOM.uniform(-1, 1, count * nodes).astype(numpy.float32).tolist(),
        "nodes_modes": ["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in leaf] * count,
        "target_treeids": numpy.repeat(numpy.arange(count), len(leaves)).tolist(),
        "target_nodeids": numpy.tile(leaves, count).tolist(),
        "target_ids": [0] * (count * len(leaves)),
        "target_weights": RANDOM.uniform(-1, 1, count * len(leaves)).astype(numpy.float32).tolist(),
        "n_targets": 1}
    return attributes


def masks_and_copies():
    """Last, so that the numbers of all cases above stay what they were."""
    yield "nonzero-mask", "NonZero", [RANDOM.random((512, 512)) < .1]
    yield "one-hot", "OneHot", [integers("int64", 0, 1000, 8, 256), i64(1000), f32(2)], {}, (1,)
    yield "triangle", "Trilu", [f32(1, 1, 1024, 1024), numpy.array(1)], {"upper": 1}, (1,)
    yield "tile-prompt", "Tile", [f32(1, 1, 256, 64), i64(1, 32, 1, 1)], {}, (1,)
    yield "expand-heads", "Expand", [f32(1, 8, 1, 512, 64), i64(1, 8, 4, 512, 64)], {}, (1,)
    yield "space-to-depth", "SpaceToDepth", [f32(1, 3, 512, 512)], {"blocksize": 2}
    yield "reverse-sequences", "ReverseSequence", [f32(100, 16, 256), integers("int64", 1, 100, 16)]
    yield "unique-labels", "Unique", [integers("int64", 0, 500, 20000)], {}, (), 3
    yield "max-3d", "MaxPool", [f32(1, 64, 8, 56, 56)], {"kernel_shape": [1, 3, 3], "strides": [1, 2, 2], "pads": [0, 1, 1] * 2}
    yield "average-1d", "AveragePool", [f32(1, 256, 4000)], {"kernel_shape": [4], "strides": [2]}


def attentions():
    def heads(count, tokens, size, batch=1):
        return f32(batch, count, tokens, size)

    def rotary(count, tokens, size, interleaved):
        return [heads(count, tokens, size), f32(1, tokens, size // 2), f32(1, tokens, size // 2)], {"interleaved": interleaved}
    causal, end = {"is_causal": 1}, ((), 1, 23)  # nothing constant, one output, opset 23
    yield "vit-base", "Attention", [heads(12, 197, 64, 8) for _ in range(3)], {}, *end
    yield "bert-mask", "Attention", [*(heads(12, 384, 64) for _ in range(3)), RANDOM.random((384, 384)) < .9], {}, *end
    yield "packed-heads", "Attention", [f32(1, 512, 768) for _ in range(3)], {"q_num_heads": 12, "kv_num_heads": 12}, *end
    yield "prefill-groups", "Attention", [heads(32, 256, 128), heads(8, 256, 128), heads(8, 256, 128)], causal, *end
    yield "decode-groups", "Attention", [heads(32, 1, 128), heads(8, 1, 128), heads(8, 1, 128), None, heads(8, 1023, 128), heads(8, 1023, 128)], \
        {}, (), 3, 23
    yield "whisper-cross", "Attention", [heads(8, 1, 64), heads(8, 1500, 64), heads(8, 1500, 64)], {}, *end
    yield "stable-diffusion", "Attention", [heads(8, 1024, 80), heads(8, 77, 80), heads(8, 77, 80)], {}, *end
    yield "rotary-halves", "RotaryEmbedding", *rotary(32, 256, 128, 0), *end
    yield "rotary-pairs", "RotaryEmbedding", *rotary(16, 512, 64, 1), *end


def volumes():
    """Convolutions of clips and scans: r3d_18, mvit_v2_s, 3-D U-Net."""
    def conv(channels, size, weights, strides=(1, 1, 1), group=1):
        return "Conv", [f32(1, channels, *size), f32(*weights), f32(weights[0])], \
            {"pads": [kernel // 2 for kernel in weights[2:]] * 2, "strides": list(strides), "group": group}, (1, 2)
    yield "r3d-stem", *conv(3, (16, 112, 112), (64, 3, 3, 7, 7), (1, 2, 2))
    yield "r3d-64", *conv(64, (8, 56, 56), (64, 64, 3, 3, 3))
    yield "r3d-downsample", *conv(64, (8, 56, 56), (128, 64, 3, 3, 3), (2, 2, 2))
    yield "r3d-512", *conv(512, (2, 7, 7), (512, 512, 3, 3, 3))
    yield "unet-last", *conv(32, (32, 32, 32), (3, 32, 3, 3, 3))
    yield "mvit-stem", *conv(3, (16, 112, 112), (96, 3, 3, 7, 7), (2, 4, 4))
    yield "mvit-pool", *conv(96, (8, 56, 56), (96, 1, 3, 3, 3), (1, 1, 1), 96)
    yield "mvit-pool-s2", *conv(96, (8, 56, 56), (96, 1, 3, 3, 3), (1, 2, 2), 96)
    yield "mvit-pool-14", *conv(384, (8, 14, 14), (384, 1, 3, 3, 3), (1, 1, 1), 384)
    yield "mvit-pool-7", *conv(768, (8, 7, 7), (768, 1, 3, 3, 3), (1, 1, 1), 768)


FAMILIES = {"elementwise": elementwise, "activation": activations, "reduction": reductions, "transpose": transposes,
            "concat-split-slice": joins, "gather-scatter": gathers, "pad": pads, "softmax": softmaxes,
            "normalisation": normalisations, "pooling": poolings, "resize": resizes, "cumsum-topk": scans,
            "where-clip-compare": choices, "cast": casts, "einsum": einsums, "vision": vision, "recurrent": recurrent,
            "quantised": quantised, "matmul": products, "tree-ensemble": trees,
            "quantise-linear": rescalings, "quantised-matmul": quantised_products,
            "quantised-conv": quantised_convolutions, "matmul-small": small_products,
            "masks-copies": masks_and_copies, "attention": attentions, "volumes": volumes}


def all_cases():
    for family, make in FAMILIES.items():
        for name, operator, inputs, *rest in make():
            yield Case(family, name, operator, inputs, *rest)
