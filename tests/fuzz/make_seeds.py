"""Seeds for a fuzzer, as files in a folder.

    python tests/fuzz/make_seeds.py TARGET FOLDER

Those of `model` are the repository's own small models and, where the package onnx is installed, the standard's node
tests; the others are the repository's golden files.
"""

import hashlib
import importlib.util
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


def files_of(target):
    paths = {
        "model": lambda: [*GOLDEN.glob("**/*.onnx"), *standard_models()],
        "picture": lambda: [path for path in (GOLDEN / "pictures").iterdir() if path.suffix not in (".npy", ".py")],
        "tensors": lambda: [*GOLDEN.glob("**/*.np[yz]"), *GOLDEN.glob("**/*.pb")],
        "checkpoint": lambda: [*GOLDEN.glob("torch/*.pth"), *GOLDEN.glob("torch/*.safetensors")],
        "program": lambda: [],
        "pipeline": lambda: [],
    }[target]()
    yield from (path.read_bytes() for path in paths if path.stat().st_size <= LARGEST)
    if target == "program":
        yield from programs()
    if target == "pipeline":
        yield from pipelines()


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in files_of(target):
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
