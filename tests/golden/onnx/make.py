"""Makes the models in this folder with onnx's own Python package (1.22.0): python tests/golden/onnx/make.py

conv.onnx         a convolution with raw weights
nested.onnx       If in Loop, capturing values of the graphs around them
tensors.onnx      one initializer per element type, in its typed field (NAME) and raw (NAME_raw)
everything.onnx   every field of ONNX's protobuf, and fields that it does not have
function.onnx     a model function with attribute references, defaults and an overload
external.onnx     weights in external.data
sequence.pb, optional.pb, empty_optional.pb, tensor.pb    values of test cases
"""

import os
import sys

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))


def save(model, name):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


def save_model_with_data(model, name, location):
    """As save, but opens the data file for everybody to read: onnx makes it private."""
    data = os.path.join(HERE, location)
    if os.path.exists(data):
        os.remove(data)
    onnx.save_model(model, os.path.join(HERE, name), save_as_external_data=True, location=location,
                    size_threshold=0)
    os.chmod(data, 0o644)


def make_model(graph, **options):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, **options)
    model.producer_name = "golden"
    return model


def conv():
    weights = numpy_helper.from_array(np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3), "w")
    bias = numpy_helper.from_array(np.array([0.5], np.float32), "bias")
    odd = numpy_helper.from_array(np.array([1.0, 2.0], np.float64), "o")
    nodes = [
        helper.make_node("Conv", ["x", "w", "bias"], ["c"], name="conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["y"], name="relu1"),
    ]
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, "h", "w_in"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1, "h", "w_in"])],
        [weights, bias, odd],
        value_info=[helper.make_tensor_value_info("c", TensorProto.FLOAT, None)],
    )
    save(make_model(graph), "conv.onnx")


def nested():
    then_branch = helper.make_graph(
        [helper.make_node("Add", ["state_in", "outer"], ["then_out"])],
        "then",
        [],
        [helper.make_tensor_value_info("then_out", TensorProto.FLOAT, [2])],
    )
    else_branch = helper.make_graph(
        [helper.make_node("Identity", ["outer"], ["else_out"])],
        "else",
        [],
        [helper.make_tensor_value_info("else_out", TensorProto.FLOAT, [2])],
    )
    body = helper.make_graph(
        [helper.make_node("If", ["cond_in"], ["state_out"], then_branch=then_branch, else_branch=else_branch),
         helper.make_node("Identity", ["cond_in"], ["cond_out"])],
        "body",
        [
            helper.make_tensor_value_info("iteration", TensorProto.INT64, []),
            helper.make_tensor_value_info("cond_in", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state_in", TensorProto.FLOAT, [2]),
        ],
        [
            helper.make_tensor_value_info("cond_out", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state_out", TensorProto.FLOAT, [2]),
        ],
    )
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["outer"]),
         helper.make_node("Loop", ["count", "", "x"], ["y"], name="loop", body=body)],
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        [numpy_helper.from_array(np.array(3, np.int64), "count")],
    )
    save(make_model(graph), "nested.onnx")


# For each element type: name, the typed field's values for two rows of three elements, and the bytes that they
# stand for, made by numpy and by hand where numpy has no such type.
def typed_tensors():
    floats = np.array([0.0, -0.0, 1.5, -2.25, np.inf, np.nan], np.float32)
    doubles = floats.astype(np.float64)
    ints = np.array([0, 1, -1, 7, -8, 100])
    halves = np.array([0x0000, 0x3C00, 0xBC00, 0x7C00, 0x0001, 0xFFFF], np.uint16)
    octets = np.array([0x00, 0x38, 0xB8, 0x7F, 0x01, 0xFF], np.uint8)
    pairs = np.array([0x21, 0xF3, 0x8A], np.uint8)  # three bytes are six elements
    quads = np.array([0x1B, 0x0E], np.uint8)        # two bytes hold six elements and padding
    yield "float", TensorProto.FLOAT, "float_data", floats, floats.tobytes()
    yield "double", TensorProto.DOUBLE, "double_data", doubles, doubles.tobytes()
    yield "int64", TensorProto.INT64, "int64_data", ints * 10**12, (ints * 10**12).astype(np.int64).tobytes()
    yield "int32", TensorProto.INT32, "int32_data", ints * 10**6, (ints * 10**6).astype(np.int32).tobytes()
    yield "int16", TensorProto.INT16, "int32_data", ints * 300, (ints * 300).astype(np.int16).tobytes()
    yield "int8", TensorProto.INT8, "int32_data", ints, ints.astype(np.int8).tobytes()
    naturals = np.abs(ints)
    yield "uint64", TensorProto.UINT64, "uint64_data", naturals * 10**12, (naturals * 10**12).astype(np.uint64).tobytes()
    yield "uint32", TensorProto.UINT32, "uint64_data", naturals * 4 * 10**7, (naturals * 4 * 10**7).astype(np.uint32).tobytes()
    yield "uint16", TensorProto.UINT16, "int32_data", naturals * 600, (naturals * 600).astype(np.uint16).tobytes()
    yield "uint8", TensorProto.UINT8, "int32_data", octets, octets.tobytes()
    booleans = np.array([0, 1, 1, 0, 1, 0], np.uint8)
    yield "bool", TensorProto.BOOL, "int32_data", booleans, booleans.tobytes()
    for name, number in (("float16", TensorProto.FLOAT16), ("bfloat16", TensorProto.BFLOAT16)):
        yield name, number, "int32_data", halves, halves.tobytes()
    for name in ("FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT8E8M0"):
        yield name.lower(), getattr(TensorProto, name), "int32_data", octets, octets.tobytes()
    for name in ("UINT4", "INT4", "FLOAT4E2M1"):
        yield name.lower(), getattr(TensorProto, name), "int32_data", pairs, pairs.tobytes()
    for name in ("UINT2", "INT2"):
        yield name.lower(), getattr(TensorProto, name), "int32_data", quads, quads.tobytes()
    complexes = (doubles[:6] + 1j * np.arange(6))
    flat = np.stack([complexes.real, complexes.imag], -1).reshape(-1)
    yield "complex128", TensorProto.COMPLEX128, "double_data", flat, complexes.astype(np.complex128).tobytes()
    yield "complex64", TensorProto.COMPLEX64, "float_data", flat.astype(np.float32), complexes.astype(np.complex64).tobytes()


def tensors():
    initializers = []
    for name, number, field, values, raw in typed_tensors():
        typed = TensorProto(name=name, data_type=number, dims=[2, 3])
        getattr(typed, field).extend(values.tolist())
        initializers += [typed, TensorProto(name=name + "_raw", data_type=number, dims=[2, 3], raw_data=raw)]
    initializers.append(helper.make_tensor("string", TensorProto.STRING, [3], ["", "a", "ünï"]))
    initializers.append(TensorProto(name="empty", data_type=TensorProto.FLOAT, dims=[2, 0]))
    save(make_model(helper.make_graph([], "tensors", [], [], initializers)), "tensors.onnx")


def add_metadata(message, text):
    message.metadata_props.add(key="key of " + text, value="value of " + text)
    message.metadata_props.add(key="without value")


def unknown_fields(number):
    """Bytes of fields that ONNX does not have, of every wire type."""

    def varint(value):
        out = b""
        while value >= 128:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    key = lambda wire: varint(number << 3 | wire)
    group = key(3) + varint(5 << 3) + b"\x07" + varint(6 << 3 | 2) + b"\x02hi" + key(4)
    return key(0) + varint(2**63) + key(1) + b"12345678" + key(2) + b"\x03abc" + group + key(5) + b"1234"


def everything():
    tensor = numpy_helper.from_array(np.array([1.0, 2.0], np.float32), "t")
    tensor.doc_string = "of the tensor"
    tensor.segment.begin, tensor.segment.end = 0, 2
    add_metadata(tensor, "tensor")
    tensor.MergeFromString(unknown_fields(200))
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(np.array([5.0, 6.0], np.float32), "s"),
        numpy_helper.from_array(np.array([[0, 1], [2, 0]]), "s_indices"), [3, 2])
    sparse.MergeFromString(unknown_fields(201))

    node = helper.make_node("Everything", ["x", "", "t", "s"], ["y", "", "z"], name="n", domain="com.example",
                            overload="o", doc_string="of the node")
    sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [1, "n", None]))
    sequence.denotation = "of a sequence"
    node.attribute.extend([
        helper.make_attribute("f", 1.5), helper.make_attribute("i", -1), helper.make_attribute("s", b"\xff\xfe"),
        helper.make_attribute("t", tensor), helper.make_attribute("tp", sequence),
        helper.make_attribute("g", helper.make_graph([], "inner", [], [])),
        helper.make_attribute("sparse", sparse),
        helper.make_attribute("floats", [1.0, -0.0]), helper.make_attribute("ints", [1, 2**62]),
        helper.make_attribute("strings", [b"", b"a"]), helper.make_attribute("tensors", [tensor, tensor]),
        helper.make_attribute("graphs", [helper.make_graph([], "inner1", [], [])]),
        AttributeProto(name="sparses", type=AttributeProto.SPARSE_TENSORS, sparse_tensors=[sparse]),
        AttributeProto(name="tps", type=AttributeProto.TYPE_PROTOS, type_protos=[sequence, onnx.TypeProto()]),
        AttributeProto(name="no_ints", type=AttributeProto.INTS),
        AttributeProto(name="zero_left_out", type=AttributeProto.INT),
        AttributeProto(name="zero_stated", type=AttributeProto.INT, i=0),
        AttributeProto(name="two_contents", type=AttributeProto.INT, i=1, f=0.0, doc_string="of the attribute"),
    ])
    node.attribute[0].MergeFromString(unknown_fields(202))
    add_metadata(node, "node")
    device = node.device_configurations.add(configuration_id="devices", pipeline_stage=1)
    spec = device.sharding_spec.add(tensor_name="x", device=[0, 1])
    spec.index_to_device_group_map.add(key=0, value=[0, 1])
    spec.sharded_dim.add(axis=0).simple_sharding.add(dim_param="n", num_shards=2)
    node.MergeFromString(unknown_fields(203))
    standard = onnx.NodeProto(op_type="Relu", input=["y"], output=["r"], domain="ai.onnx")

    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3], doc_string="of x",
                                      shape_denotation=["DATA_BATCH", "DATA_CHANNEL"])
    x.type.denotation = "IMAGE"
    add_metadata(x, "x")
    x.type.tensor_type.shape.dim[0].MergeFromString(unknown_fields(204))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, -1])
    opaque = onnx.ValueInfoProto(name="z")
    opaque.type.opaque_type.domain = "com.example"
    opaque.type.opaque_type.name = "opaque"
    dangling = helper.make_tensor_value_info("of_no_value", TensorProto.FLOAT, [1])
    graph = helper.make_graph([node, standard], "main", [x], [y, onnx.ValueInfoProto(name="r")],
                              [tensor], doc_string="of the graph",
                              value_info=[opaque, dangling, helper.make_tensor_value_info("t", 1, [2]), y],
                              sparse_initializer=[sparse])
    annotation = graph.quantization_annotation.add(tensor_name="x")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="t")
    add_metadata(graph, "graph")
    graph.MergeFromString(unknown_fields(205))

    model = helper.make_model(graph, ir_version=13, opset_imports=[
        helper.make_opsetid("", 27), onnx.OperatorSetIdProto(version=1, domain="com.example")])
    model.producer_name = "golden"
    model.producer_version = ""
    model.domain = "com.example"
    model.model_version = 0
    model.doc_string = "of the model"
    add_metadata(model, "model")
    model.configuration.add(name="devices", num_devices=2, device=["a", "b"])
    training = model.training_info.add()
    training.algorithm.name = "algorithm"
    training.update_binding.add(key="t", value="y")
    model.functions.append(make_function())
    model.MergeFromString(unknown_fields(206))
    save(model, "everything.onnx")


def make_function():
    reference = AttributeProto(name="alpha", type=AttributeProto.FLOAT, ref_attr_name="slope")
    leaky = helper.make_node("LeakyRelu", ["a"], ["b"])
    leaky.attribute.append(reference)
    function = helper.make_function(
        "com.example", "Leaky", ["a"], ["b"], [leaky], [helper.make_opsetid("", 20)], attributes=["other"],
        attribute_protos=[helper.make_attribute("slope", 0.25)], doc_string="of the function", overload="v1",
        value_info=[helper.make_tensor_value_info("b", TensorProto.FLOAT, ["n"]),
                    helper.make_tensor_value_info("a", TensorProto.FLOAT, ["n"])])
    add_metadata(function, "function")
    function.MergeFromString(unknown_fields(207))
    return function


def function():
    call = helper.make_node("Leaky", ["x"], ["y"], domain="com.example", overload="v1", slope=0.5)
    graph = helper.make_graph([call], "main", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])])
    model = make_model(graph, functions=[make_function()])
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    save(model, "function.onnx")


def external():
    weights = numpy_helper.from_array(np.arange(600, dtype=np.float32), "w")
    small = numpy_helper.from_array(np.arange(5, dtype=np.float64), "small")
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "main",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [600])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [600])], [weights, small])
    save_model_with_data(make_model(graph), "external.onnx", "external.data")


def values():
    a = numpy_helper.from_array(np.array([1, 2, 3], np.int64), "a")
    b = numpy_helper.from_array(np.array([[0.5]], np.float32), "b")
    sequence = onnx.SequenceProto(name="s", elem_type=onnx.SequenceProto.TENSOR, tensor_values=[a, b])
    optional = onnx.OptionalProto(name="o", elem_type=onnx.OptionalProto.SEQUENCE, sequence_value=sequence)
    save(a, "tensor.pb")
    save(sequence, "sequence.pb")
    save(optional, "optional.pb")
    save(onnx.OptionalProto(name="o", elem_type=onnx.OptionalProto.TENSOR), "empty_optional.pb")


if __name__ == "__main__":
    assert onnx.__version__ == "1.22.0", onnx.__version__
    for make in (conv, nested, tensors, everything, function, external, values):
        make()
    sys.exit(0)
