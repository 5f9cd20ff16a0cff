"""Seeds for a fuzzer, as files in a folder.

    python tests/fuzz/make_seeds.py TARGET FOLDER [--all]

Those of `model` are the repository's own small models and, where the package onnx is installed, the standard's node
tests; the others are the repository's golden files. With --all, where PyTorch is installed, `program`
has the programs that the oracle tests export too (a minute and a half), and `checkpoint` what PyTorch saves.
"""

import hashlib
import importlib.util
import io
import json
import pathlib
import re
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
LARGEST = 30_000  # bytes; larger files take the fuzzer's time


def standard_models():
    package = importlib.util.find_spec("onnx")
    if package:
        yield from (pathlib.Path(package.origin).parent / "backend/test/data/node").glob("*/model.onnx")


def pipelines():
    """The examples of the documentation: JSON in fences."""
    for block in re.findall(r"```json\n(.*?)```", (ROOT / "docs/pipeline.md").read_text(encoding="utf-8"), re.S):
        yield block.encode()
    yield json.dumps({"version": 1, "task": "super-resolution", "input": {}, "output": {}, "scale": 3}).encode()


def programs():
    """Exported programs, and the JSON in them."""
    for path in [*GOLDEN.glob("torch/*.pt2"), *(ROOT / "tests/torch/fixtures").glob("*/*.pt2")]:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name == "serialized_exported_program.json" or re.fullmatch(r"[^/]+/models/[^/]+\.json", name):
                    yield archive.read(name)
        if path.stat().st_size <= LARGEST:
            yield path.read_bytes()


def exported_programs():
    """The small programs of tests/oracles, each as PyTorch exports it today."""
    sys.path.insert(0, str(ROOT / "tests/oracles"))
    import aliasing_programs
    import exported_case
    import test_aten_complex
    import test_aten_nn
    import test_aten_tensor
    import torch

    modules = [(program.module(), program.inputs, None) for program in aliasing_programs.PROGRAMS.values()]
    for suite in (test_aten_nn, test_aten_tensor, test_aten_complex):
        for case in exported_case.cases_of(suite):
            inputs = exported_case.make(case.sizes)
            modules.append((exported_case.module_of(case.function, len(inputs)), inputs,
                            exported_case.open_sizes(inputs) if case.other else None))
    for module, inputs, sizes in modules:
        content = io.BytesIO()
        with torch.no_grad():
            torch.export.save(torch.export.export(module, tuple(inputs), dynamic_shapes=sizes), content)
        if len(content.getvalue()) <= 2 * LARGEST:
            yield content.getvalue()


def saved_checkpoints():
    """What people put into checkpoints, one kind a file, as PyTorch writes it today and as it wrote it before 1.6."""
    import numpy
    import safetensors.torch
    import torch

    line = torch.arange(6, dtype=torch.float32)
    layer = torch.nn.Linear(2, 2)
    adam = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    adam.step()
    kinds = [line, [line, line[1:3], line.view(2, 3).t()], {"a": {"b": (line, 1)}}, layer, layer.state_dict(),
             torch.nn.Parameter(line), adam.state_dict(), line.to_sparse(), line.view(2, 3).to_sparse_csr(),
             torch.quantize_per_tensor(line, 0.1, 3, torch.qint8), torch.complex(line, line),
             line.to(torch.float8_e4m3fn), line.bool(), numpy.float64(0.5), numpy.arange(4), {1, 2}, b"bytes",
             torch.device("cpu"), torch.float16, line.shape, slice(1, 2), range(3), 1 << 70, torch.Generator().get_state(),
             torch.nn.utils.rnn.pack_sequence([line]), torch.zeros(0, 3), torch.empty(2, device="meta")]
    for kind in kinds:
        for zipped in (True, False):
            content = io.BytesIO()
            torch.save(kind, content, _use_new_zipfile_serialization=zipped)
            yield content.getvalue()
    types = [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint16, torch.bool,
             torch.float8_e5m2]
    yield safetensors.torch.save({str(kind): line.to(kind) for kind in types}, {"format": "pt"})


def files_of(target, everything):
    paths = {
        "model": lambda: [*GOLDEN.glob("**/*.onnx"), *standard_models()],
        "picture": lambda: [path for path in (GOLDEN / "pictures").iterdir() if path.suffix not in (".npy", ".py")],
        "tensors": lambda: [*GOLDEN.glob("**/*.np[yz]"), *GOLDEN.glob("**/*.pb")],
        "checkpoint": lambda: [*GOLDEN.glob("torch/*.pth"), *GOLDEN.glob("torch/*.safetensors")],
        "program": lambda: [],
        "pipeline": lambda: [],
    }[target]()
    yield from (path.read_bytes() for path in paths if path.stat().st_size <= LARGEST)
    everything = everything and importlib.util.find_spec("torch")
    if target == "checkpoint" and everything:
        yield from saved_checkpoints()
    if target == "program":
        yield from programs()
        if everything:
            yield from exported_programs()
    if target == "pipeline":
        yield from pipelines()


def main():
    target, folder, *options = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for data in files_of(target, "--all" in options):
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
