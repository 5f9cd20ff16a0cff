"""Compares ONNX messages as onnx's own reader sees them."""

import onnx
from google.protobuf.message import Message
from onnx import numpy_helper

TYPED_FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def children(message):
    """Every message inside a message, at the first level."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        yield from value if not isinstance(value, Message) else [value]


def to_raw(tensor):
    """Moves typed data into raw bytes; strings and data in other files stay as they are."""
    if not any(getattr(tensor, field) for field in TYPED_FIELDS):
        return
    raw = numpy_helper.from_array(numpy_helper.to_array(tensor))
    if raw.data_type != tensor.data_type or raw.dims != tensor.dims:
        raise ValueError(f"{tensor.name}: onnx reads its own tensor as another one")
    for field in TYPED_FIELDS:
        tensor.ClearField(field)
    tensor.raw_data = raw.raw_data


def normalise(message):
    """Does so for every tensor in a message, however deep."""
    waiting = [message]
    while waiting:
        current = waiting.pop()
        if isinstance(current, onnx.TensorProto):
            to_raw(current)
        waiting.extend(children(current))


def same(first, second):
    """Equal field by field, fields that this version of onnx does not know among them."""
    for model in (first, second):
        normalise(model)
    return (first.SerializeToString(deterministic=True)
            == second.SerializeToString(deterministic=True))
