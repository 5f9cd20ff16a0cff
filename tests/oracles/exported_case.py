"""Small PyTorch programs, exported, converted and run: each against PyTorch and against ONNX Runtime."""

import copy
import dataclasses
import re

import numpy
import onnxruntime
import pytest
import torch

TYPES = {"f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "bf16": torch.bfloat16,
         "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8,
         "bool": torch.bool, "c64": torch.complex64}
# Of the largest number of a tensor. Halves are rounded to 11 and 8 digits: one of the two neighbours of what is true is
# what may come out, no further than one step between halves away, which is at most this share of the number itself.
TOLERANCE = {torch.float16: 2**-10, torch.bfloat16: 2**-7}


@dataclasses.dataclass
class Case:
    """A function or a module; `sizes` are its inputs ("f32[2,3] i64[4]:0..3"), `other` others for a program of
    dynamic sizes."""

    name: str
    sizes: str
    function: object
    other: str = ""
    decomposed: bool = True
    ort: bool = True


def make(text, seed=0):
    """Tensors for "f32[2,3] i64[4]:0..3": normal numbers, or whole numbers from -5 to 5, or in a range."""
    generator = torch.Generator().manual_seed(seed)
    tensors = []
    for one in text.split():
        kind, sizes, low, high = re.fullmatch(r"(\w+)\[([\d,]*)\](?::(-?[\d.]+)\.\.(-?[\d.]+))?", one).groups()
        dims = [int(size) for size in sizes.split(",") if size]
        dtype = TYPES[kind]
        if dtype == torch.bool:
            tensors.append(torch.randint(0, 2, dims, generator=generator).bool())
        elif dtype.is_floating_point:
            values = torch.randn(dims, generator=generator, dtype=torch.float64)
            if low is not None:
                values = torch.rand(dims, generator=generator, dtype=torch.float64)
                values = values * (float(high) - float(low)) + float(low)
            tensors.append(values.to(dtype))
        elif dtype.is_complex:
            tensors.append(torch.randn(dims, generator=generator, dtype=dtype))
        else:
            first, last = (int(low), int(high)) if low is not None else (0 if kind == "u8" else -5, 6)
            tensors.append(torch.randint(first, last, dims, generator=generator).to(dtype))
    return tensors


def open_sizes(inputs):
    """All sizes open, as torch.export takes them."""
    return tuple({axis: torch.export.Dim.AUTO for axis in range(one.dim())} for one in inputs)


def cases_of(suite):
    """All cases that a module of tests lists."""
    lists = [value for value in vars(suite).values() if isinstance(value, list)]
    return [one for listed in lists for one in listed if isinstance(one, Case)]


def module_of(function, count):
    """A module whose forward() calls the function with that many arguments, called a, b, c …"""
    names = ", ".join("abcdefgh"[:count])
    space = {"function": function}
    call = "self.layer" if isinstance(function, torch.nn.Module) else "function"
    exec(f"def forward(self, {names}):\n    return {call}({names})", space)  # noqa: S102
    module = type("Module", (torch.nn.Module,), {"forward": space["forward"]})()
    if isinstance(function, torch.nn.Module):
        module.layer = function.eval()
    return module


def flat(result):
    leaves = torch.utils._pytree.tree_leaves(result)
    return [as_pairs(torch.as_tensor(leaf)) for leaf in leaves if leaf is not None]


def as_pairs(tensor):
    """Complex numbers as a model has them: real and imaginary part along one more axis, the last one."""
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor.resolve_neg()


def widened(tensor):
    if tensor.is_complex():
        return tensor.to(torch.complex128)
    return tensor.double() if tensor.is_floating_point() else tensor


def exact(function, inputs, expected):
    """What the function gives in double precision, where it can be computed so."""
    wide = [widened(one) for one in inputs]
    if isinstance(function, torch.nn.Module):
        function = copy.deepcopy(function).double()
    try:
        results = flat(function(*[one.clone() for one in wide]))
    except Exception:  # noqa: BLE001
        return expected
    same = len(results) == len(expected) and all(a.shape == b.shape for a, b in zip(results, expected))
    return results if same else expected


def differences(actual, expected, reference):
    """Nothing when an output is what PyTorch gives, else what is wrong."""
    wanted = expected.detach()
    narrow = wanted.float() if wanted.dtype == torch.bfloat16 else wanted
    array = narrow.numpy()
    if wanted.dtype != torch.bfloat16 and actual.dtype != array.dtype:
        return f"type {actual.dtype} instead of {array.dtype}"
    if actual.shape != array.shape:
        return f"shape {actual.shape} instead of {array.shape}"
    if not wanted.is_floating_point():
        return "" if numpy.array_equal(actual, array) else f"{actual} instead of {array}"
    actual, array = actual.astype(numpy.float64), array.astype(numpy.float64)
    special = ~numpy.isfinite(array)
    if not numpy.array_equal(actual[special], array[special], equal_nan=True):
        return f"{actual} instead of {array}"
    truth = reference.detach().double().numpy()
    finite = ~special & numpy.isfinite(truth)
    if not finite.any():
        return ""
    largest = max(numpy.abs(truth[finite]).max(), 1e-30)
    own = numpy.abs(array - truth)[finite].max() / largest
    error = numpy.abs(actual - truth)[finite].max() / largest
    bound = max(TOLERANCE.get(wanted.dtype, 1e-5), 2 * own)
    return "" if error <= bound else f"error {error:.2e}, PyTorch's own {own:.2e}"


def compare(outputs, expected, reference, who):
    outputs = list(outputs)
    assert len(outputs) == len(expected), f"{who}: {len(outputs)} outputs instead of {len(expected)}"
    for place, (actual, wanted, truth) in enumerate(zip(outputs, expected, reference)):
        wrong = differences(actual, wanted, truth)
        assert not wrong, f"{who}, output {place}: {wrong}"


def run_onnxruntime(path, arrays):
    """None where ONNX Runtime has no kernel for a type."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001
        if "NOT_IMPLEMENTED" in str(error) or "NotImplemented" in type(error).__name__:
            return None
        raise
    return session.run(None, {one.name: arrays[one.name] for one in session.get_inputs()})


def array_of(tensor):
    return as_pairs(tensor).numpy()


def check(slipway, folder, case, dialect, dynamic):
    """Exports, converts, runs and compares one program."""
    inputs = make(case.sizes)
    module = module_of(case.function, len(inputs))
    shapes = None
    if dynamic:
        shapes = open_sizes(inputs)
    with torch.no_grad():
        program = torch.export.export(module, tuple(one.clone() for one in inputs), dynamic_shapes=shapes)
        if dialect == "decomposed":
            program = program.run_decompositions()
    torch.export.save(program, folder / "program.pt2")
    slipway.start("convert", folder / "program.pt2", "-o", folder / "model.onnx")
    check_numbers(slipway, folder / "model.onnx", case, inputs)
    if not dynamic:
        return
    for text in other_sizes(case):
        other = make(text, 1)
        if is_taken(program, other):
            return check_numbers(slipway, folder / "model.onnx", case, other)
        expect_refusal(slipway, folder, other)


def check_numbers(slipway, model, case, inputs):
    expected = flat(case.function(*[one.clone() for one in inputs]))
    reference = exact(case.function, inputs, expected)
    arrays = {name: array_of(one) for name, one in zip("abcdefgh", inputs)}
    names = used_inputs(model)
    arrays = {name: array for name, array in arrays.items() if name in names}
    outputs = slipway.run_tensors(model, arrays)
    compare(outputs.values(), expected, reference, "slipway")
    if case.ort:
        theirs = run_onnxruntime(model, arrays)
        if theirs is not None:
            compare(theirs, expected, reference, "ONNX Runtime")


def other_sizes(case):
    """`other`, and the same with a longer last axis where there is one input: a program's guards may exclude some
    sizes. Dim.AUTO excludes 1 where another size was traced."""
    texts = case.other.split()
    for traced, place in zip(case.sizes.split(), range(len(texts))):
        axes = [re.search(r"\[([\d,]*)\]", text).group(1).split(",") for text in (traced, texts[place])]
        axes = ["3" if new == "1" != old else new for old, new in zip(*axes)]
        texts[place] = re.sub(r"\[.*\]", f"[{','.join(axes)}]", texts[place])
    yield " ".join(texts)
    if len(texts) == 1:
        for more in range(1, 4):
            yield re.sub(r"(\d+)\]", lambda size: f"{int(size.group(1)) + more}]", texts[0])


def is_taken(program, inputs):
    """Whether the program's guards hold, by PyTorch's own word."""
    try:
        with torch.no_grad():
            program.module()(*[one.clone() for one in inputs])
    except AssertionError:
        return False
    return True


def expect_refusal(slipway, folder, inputs):
    arguments = []
    for name, one in zip("abcdefgh", inputs):
        numpy.save(folder / f"{name}.npy", array_of(one))
        arguments += ["-i", f"{name}={folder / name}.npy"]
    done = slipway.attempt("run", folder / "model.onnx", *arguments, "-o", folder / "out.npz")
    assert done.returncode == 1 and "but the model" in done.stderr, done.stderr


def used_inputs(path):
    import onnx
    return {one.name for one in onnx.load(str(path), load_external_data=False).graph.input}


def parametrised(cases):
    """pytest's parameters: every case in both dialects, and with dynamic sizes where it has others."""
    parameters = []
    for case in cases:
        for dialect in ["training"] + (["decomposed"] if case.decomposed else []):
            for dynamic in [False] + ([True] if case.other else []):
                name = f"{case.name}-{dialect}" + ("-dynamic" if dynamic else "")
                parameters.append(pytest.param(case, dialect, dynamic, id=name))
    return parameters
