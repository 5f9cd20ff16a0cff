"""Test cases in the ONNX standard's layout, so that one process runs thousands of them.

A family (elementwise.py, …) yields Case objects; `write` makes a folder of each, which `slipway test` runs.
"""

import dataclasses
import json

import ml_dtypes
import numpy
import onnx
from onnx import helper, numpy_helper

OPSET = 27 if onnx.defs.onnx_opset_version() >= 27 else onnx.defs.onnx_opset_version()

FLOATS = ["float16", "bfloat16", "float32", "float64"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
NUMBERS = FLOATS + SIGNED + UNSIGNED
# What operators that only move elements take, as far as NumPy has it.
MOVABLE = NUMBERS + ["bool", "complex64", "complex128", "string"]

# One rounding of the result, and the few bits by which two correct evaluations of a sum may differ.
RELATIVE = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-6, "float64": 1e-12}

SHAPES = [(), (0,), (1,), (7,), (3, 0, 2), (1, 1, 5), (2, 3, 4), (2, 1, 3, 2), (5000,)]


def dtype(name):
    if name == "bfloat16":
        return numpy.dtype(ml_dtypes.bfloat16)
    return numpy.dtype(object) if name == "string" else numpy.dtype(name)


def element_type(name):
    if name == "string":
        return onnx.TensorProto.STRING
    return helper.np_dtype_to_tensor_dtype(dtype(name))


@dataclasses.dataclass
class Case:
    """An operator, its inputs (None: absent) and what must come out."""
    operator: str
    inputs: list
    outputs: list
    attributes: dict = dataclasses.field(default_factory=dict)
    relative: float = 0.0
    absolute: float = 0.0
    note: str = ""
    domain: str = ""

    def __post_init__(self):
        """NumPy hands out a single string as Python's."""
        for arrays in (self.inputs, self.outputs):
            arrays[:] = [numpy.array(array, dtype=object) if isinstance(array, str) else array for array in arrays]


def specials(name):
    """The numbers at which kernels go wrong."""
    if name in FLOATS:
        info = ml_dtypes.finfo(dtype(name))
        numbers = [0.0, -0.0, 1.0, -1.0, numpy.inf, -numpy.inf, numpy.nan, float(info.max), float(info.min),
                   float(info.smallest_normal), float(info.smallest_subnormal), -float(info.smallest_subnormal)]
        return numpy.array(numbers).astype(dtype(name))
    info = numpy.iinfo(dtype(name))
    return numpy.array([0, 1, 2, info.max, info.max - 1, info.min, info.min + 1], dtype=dtype(name))


def random_array(random, name, shape, low=-4, high=4):
    """Elements of a type; strings and booleans too."""
    if name == "string":
        words = numpy.array(["", "a", "Ω", "slip way", "x" * 40], dtype=object)
        return words[random.integers(0, len(words), shape)] if shape != () else numpy.array(words[2], dtype=object)
    if name == "bool":
        return numpy.asarray(random.integers(0, 2, shape)).astype(bool)
    if name.startswith("complex"):
        return numpy.asarray(random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(name)
    if name in FLOATS:
        return numpy.asarray(random.uniform(low, high, shape)).astype(dtype(name))
    low = 0 if name.startswith("u") else low
    return numpy.asarray(random.integers(low, high, shape, endpoint=True)).astype(dtype(name))


def exact(array):
    """Small floats as doubles; everything else as it is."""
    return array.astype(numpy.float64) if array.dtype.kind in "fV" else array


def model_of(case):
    names = [f"i{place}" if array is not None else "" for place, array in enumerate(case.inputs)]
    outs = [f"o{place}" if array is not None else "" for place, array in enumerate(case.outputs)]
    node = helper.make_node(case.operator, names, outs, domain=case.domain, **case.attributes)

    def info(name, array):
        kind = onnx.TensorProto.STRING if array.dtype == object else helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor_value_info(name, kind, [None] * array.ndim)

    graph = helper.make_graph([node], "case",
                              [info(n, a) for n, a in zip(names, case.inputs) if a is not None],
                              [info(n, a) for n, a in zip(outs, case.outputs) if a is not None])
    imports = [helper.make_opsetid("", OPSET)] + ([helper.make_opsetid(case.domain, 1)] if case.domain else [])
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def write(folder, number, case):
    """One case as a folder; its name tells the operator."""
    place = folder / f"{number:06d}_{case.operator}_{case.note}".rstrip("_")
    data = place / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model_of(case), place / "model.onnx")
    (place / "data.json").write_text(json.dumps({"rtol": case.relative, "atol": case.absolute}))
    for kind, arrays in (("input", case.inputs), ("output", case.outputs)):
        present = [array for array in arrays if array is not None]
        for index, array in enumerate(present):
            (data / f"{kind}_{index}.pb").write_bytes(
                numpy_helper.from_array(numpy.asarray(array)).SerializeToString())
