"""Does an ONNX file compute what a program computes?"""

import pathlib
import tempfile

import numpy
import torch
from torch.utils import _pytree

from . import command


class Mismatch(AssertionError):
    """The file does not compute what the module does. The message says where."""


def outputs(program, model, tolerance):
    """Runs the file on the program's example inputs and compares with PyTorch's outputs."""
    args, kwargs = program.example_inputs
    with torch.no_grad():
        expected = tensors(program.module()(*args, **kwargs))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.npz"
        command.run("run", model, *input_arguments(program, model, folder), "-o", out)
        with numpy.load(out) as got:
            names = list(got)
            if len(names) != len(expected):
                raise Mismatch(f"the program has {len(expected)} outputs, the file {len(names)}: {', '.join(names)}")
            for name, tensor in zip(names, expected):
                compare(name, from_array(got[name], tensor.dtype), tensor.detach().cpu(), tolerance)


def nodes(program, saved, model, tolerance):
    """Compares the file with the program that it was made of, node by node."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = input_arguments(program, model, folder)
        code, report, errors = command.attempt("compare", saved, model, *inputs, "--tolerance", tolerance)
    if code != 0 and not report:
        raise command.CommandError(errors.strip())
    if code != 0:  # the last part says which nodes
        raise Mismatch(report[report.rindex("\n\n"):].strip())


def input_arguments(program, model, folder):
    """-i NAME=FILE for each example input, whose files are written into the folder."""
    names = command.input_names(model)
    given = tensors(program.example_inputs)
    if len(names) != len(given):
        raise Mismatch(f"there are {len(given)} example tensors for {len(names)} inputs of the file: {', '.join(names)}")
    arguments = []
    for place, (name, tensor) in enumerate(zip(names, given)):
        file = pathlib.Path(folder) / f"{place}.npy"
        numpy.save(file, as_array(tensor))
        arguments += ["-i", f"{name}={file}"]
    return arguments


def tensors(nested):
    """The tensors in any nest of tuples, lists and dictionaries, in PyTorch's order."""
    return [leaf for leaf in _pytree.tree_leaves(nested) if isinstance(leaf, torch.Tensor)]


def as_array(tensor):
    """NumPy's; what it has no type for goes bit by bit."""
    tensor = tensor.detach().cpu().contiguous()
    return tensor.view(torch.uint16).numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()


def from_array(array, dtype):
    """The tensor of an array that as_array() could have made."""
    return torch.from_numpy(array.view(numpy.uint16)).view(dtype) if dtype == torch.bfloat16 else torch.from_numpy(array)


def compare(name, got, expected, tolerance):
    """Of two tensors."""
    if got.dtype != expected.dtype or got.shape != expected.shape:
        raise Mismatch(f"output '{name}' is {got.dtype} {list(got.shape)}, "
                       f"PyTorch's is {expected.dtype} {list(expected.shape)}")
    if not (expected.is_floating_point() or expected.is_complex()):
        if not torch.equal(got, expected):
            raise Mismatch(f"output '{name}' differs in {int((got != expected).sum())} of {got.numel()} elements")
        return
    got, expected = (one.to(torch.complex128 if one.is_complex() else torch.float64) for one in (got, expected))
    finite = torch.isfinite(expected)
    if not torch.equal(finite, torch.isfinite(got)) or not torch.allclose(got[~finite], expected[~finite],
                                                                          equal_nan=True):
        raise Mismatch(f"output '{name}' has NaN or infinities in other places than PyTorch's")
    if not finite.any():
        return
    largest = float(expected[finite].abs().max())
    apart = float((got[finite] - expected[finite]).abs().max())
    if apart > tolerance * largest:
        raise Mismatch(f"output '{name}' is up to {apart:.3g} from PyTorch's, whose largest value is {largest:.3g}; "
                       f"{tolerance:.3g} of it is allowed (tolerance=)")
