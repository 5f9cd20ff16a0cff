"""From a module to an ONNX file."""

import inspect
import os
import pathlib
import tempfile

import torch

from . import command, prove


def export(model, args, path, *, kwargs=None, dynamic=None, opset=None, fold=True, check=True, tolerance=1e-4):
    """Writes `model` as an ONNX file and returns its path.

    args, kwargs: example inputs, of which sizes and types are taken.
    dynamic: the sizes that stay open, as torch.export's dynamic_shapes takes them; a name stands for
        torch.export.Dim of that name: {"x": {0: "batch", 2: "h"}}.
    opset: the operator set; None leaves it to `slipway convert`.
    fold: batch normalisations go into convolutions.
    check: hold the file against the module. Raises Mismatch when an output is further from the module's than
        `tolerance` times the output's largest value, or integers and booleans are not equal.

    The module is exported as it is: call model.eval() before unless it is to train. Raises what torch.export
    raises, and CommandError when `slipway` cannot convert the program, with what it says: every operator that it
    lacks, and where in your source it is called. `path` is only written when all went well.
    """
    path = pathlib.Path(path)
    dynamic = with_dims(dynamic)
    program = torch.export.export(model, tuple(args), kwargs, dynamic_shapes=dynamic)
    # On the file system of the result, so that it gets there in one step.
    with tempfile.TemporaryDirectory(dir=path.resolve().parent, prefix=".slipway_export_") as folder:
        saved, written = pathlib.Path(folder) / "program.pt2", pathlib.Path(folder) / "model.onnx"
        torch.export.save(program, saved)
        options = ([] if opset is None else ["--opset", opset]) + ([] if fold else ["--no-fold"])
        command.run("convert", saved, "-o", written, *options, *size_names(model, args, kwargs, dynamic, saved))
        if check:
            prove.outputs(program, written, tolerance)
            prove.nodes(program, saved, written, tolerance)
        os.replace(written, path)
    return path


def with_dims(dynamic, dims=None):
    """The same with torch.export.Dim in place of names; one for each name."""
    dims = {} if dims is None else dims
    if isinstance(dynamic, str):
        return dims.setdefault(dynamic, torch.export.Dim(dynamic))
    if isinstance(dynamic, dict):
        return {key: with_dims(value, dims) for key, value in dynamic.items()}
    if isinstance(dynamic, (list, tuple)):
        return type(dynamic)(with_dims(value, dims) for value in dynamic)
    return dynamic


def size_names(model, args, kwargs, dynamic, saved):
    """--dynamic NAME=batch,3,h,w for the inputs whose open sizes all have names: a program keeps none."""
    if dynamic is None:
        return []
    bound = inspect.signature(model.forward).bind(*args, **(kwargs or {})).arguments
    by_name = dynamic if isinstance(dynamic, dict) else dict(zip(bound, dynamic))
    specified = list(with_specification(bound, by_name))
    options = []
    for name, (tensor, axes) in zip(command.input_names(saved), specified):
        axes = dict(enumerate(axes)) if isinstance(axes, (list, tuple)) else axes or {}
        open_axes = {axis: getattr(dim, "__name__", None) for axis, dim in axes.items()
                     if dim is not None and not isinstance(dim, int)}
        if open_axes and all(open_axes.values()):
            sizes = [open_axes.get(axis, str(size)) for axis, size in enumerate(tensor.shape)]
            options += ["--dynamic", f"{name}={','.join(sizes)}"]
    return options


def with_specification(inputs, dynamic):
    """The tensors in a nest of inputs, each with its part of a nest of dynamic shapes; None where there is none."""
    if isinstance(inputs, torch.Tensor):
        yield inputs, dynamic
    elif isinstance(inputs, dict):
        for key, one in inputs.items():
            yield from with_specification(one, dynamic.get(key) if dynamic else None)
    elif isinstance(inputs, (list, tuple)):
        for place, one in enumerate(inputs):
            yield from with_specification(one, dynamic[place] if dynamic else None)
