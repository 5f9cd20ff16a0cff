"""Writes the checkpoints and the program of this folder with PyTorch, and safetensors' format by hand, and what is in them as NPZ.

    python tests/golden/torch/make.py

Made with PyTorch 2.13.0.
"""

import argparse
import collections
import json
import pathlib
import struct

import numpy
import torch

HERE = pathlib.Path(__file__).parent


class Callee:
    """What unpickling would call."""

    def __reduce__(self):
        return print, ("called",)


def contents():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 4
    module = torch.nn.Sequential(collections.OrderedDict(
        conv=torch.nn.Conv2d(3, 2, 3), norm=torch.nn.BatchNorm2d(2)))
    with torch.no_grad():
        for place, tensor in enumerate(module.state_dict().values()):
            tensor.copy_((torch.arange(tensor.numel()).reshape(tensor.shape) + place).to(tensor.dtype) / 8)
    return {
        "state_dict": module.state_dict(), "module": module, "base": base, "turned": base.t(), "row": base[2],
        "column": base[:, 1], "expanded": base[:1].expand(3, 6), "scalar": torch.tensor(7), "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(base * 2), "nested": [{"deep": (torch.ones(2), torch.zeros(1))}, 5],
        "f64": base.double(), "f16": base.half(), "i64": torch.arange(5), "i32": torch.arange(5).int(),
        "i16": torch.arange(5).short(), "i8": torch.arange(-2, 3).char(), "u8": torch.arange(5).byte(),
        "bool": torch.tensor([True, False]), "u16": torch.tensor([1, 65535]).to(torch.uint16),
        "epoch": 12, "learning_rate": 0.5, "options": argparse.Namespace(x=1), "callee": Callee(), 3: torch.ones(1)}


def flatten(value, name=""):
    """Name and array of every tensor, named as Slipway names them."""
    if isinstance(value, torch.Tensor):
        yield name, value.detach().numpy()
    elif isinstance(value, torch.nn.Module):
        yield from flatten(value.state_dict(), name)
    elif isinstance(value, (dict, list, tuple)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from flatten(inner, f"{name}.{key}" if name else str(key))


def write_safetensors(path, arrays, **header):
    """The format's own description, followed to the letter."""
    data = b""
    for name, array in arrays.items():
        kind = {"float32": "F32", "int64": "I64", "float16": "F16", "bool": "BOOL"}[str(array.dtype)]
        raw = numpy.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_program(path):
    """Compiled by its bare name, so that the file says nothing of folders here."""
    scope = {"__name__": "model"}
    exec(compile((HERE / "model.py").read_text(), "model.py", "exec"), scope)
    torch.export.save(scope["program"](), path)


def main():
    write_program(HERE / "program.pt2")
    everything = contents()
    torch.save(everything, HERE / "zip.pth")
    everything.pop("u16")  # not in the older form
    everything.pop("module")  # with which that form would save PyTorch's source text
    torch.save(everything, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
    numpy.savez_compressed(HERE / "expected.npz", **dict(flatten(contents())))
    arrays = {name: array for name, array in flatten(contents())
              if name in ("base", "i64", "f16", "bool", "empty", "scalar")}
    write_safetensors(HERE / "whole.safetensors", arrays, __metadata__={"format": "pt"})
    names = list(arrays)
    for place, part in enumerate((names[:2], names[2:])):
        write_safetensors(HERE / f"part-{place}.safetensors", {name: arrays[name] for name in part})
    (HERE / "parts.safetensors.index.json").write_text(json.dumps(
        {"metadata": {"total_size": 1}, "weight_map": {name: f"part-{int(names.index(name) >= 2)}.safetensors"
                                                       for name in names}}))


if __name__ == "__main__":
    main()
