"""What importing costs: processor time and peak memory of `slipway convert` for large programs, and of
`slipway inspect` for a checkpoint of seven billion parameters, as a Markdown table.

    python benchmarks/import.py [--rounds 5] [--folder DIR]

The programs are timm's ResNet-50 and ViT-B with random weights, exported by torch.export. The checkpoint is made
up: names and sizes of a language model of this size, in half precision, as a sparse file without content, once as
safetensors and once as torch.save's zip archive.
"""

import argparse
import json
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = {"ResNet-50": ("resnet50", 1.0, 300), "ViT-B/16": ("vit_base_patch16_224", 3.0, None)}


def save_program(name, path):
    sys.path.insert(0, str(ROOT / "tests/zoo"))
    import torchvision_operators  # noqa: F401  before anything that imports torchvision
    import timm
    import torch
    torch.manual_seed(0)
    model = timm.create_model(name, pretrained=False).eval()
    torch.export.save(torch.export.export(model, (torch.rand(1, 3, 224, 224),)), path)


def language_model():
    """Name and sizes of every tensor: 32 layers of 4096, 6.7 billion numbers."""
    width, inner, words = 4096, 11008, 32000
    yield "model.embed_tokens.weight", (words, width)
    for layer in range(32):
        prefix = f"model.layers.{layer}."
        for projection in ("q_proj", "k_proj", "v_proj", "o_proj"):
            yield f"{prefix}self_attn.{projection}.weight", (width, width)
        for projection in ("gate_proj", "up_proj"):
            yield f"{prefix}mlp.{projection}.weight", (inner, width)
        yield f"{prefix}mlp.down_proj.weight", (width, inner)
        yield f"{prefix}input_layernorm.weight", (width,)
        yield f"{prefix}post_attention_layernorm.weight", (width,)
    yield "model.norm.weight", (width,)
    yield "lm_head.weight", (words, width)


def count(sizes):
    product = 1
    for size in sizes:
        product *= size
    return product


def make_safetensors(path):
    header, offset = {}, 0
    for name, sizes in language_model():
        end = offset + 2 * count(sizes)
        header[name] = {"dtype": "F16", "shape": list(sizes), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # as the library of this name aligns the data
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + offset)


def make_checkpoint(path):
    """By PyTorch itself, which is asked to leave out the data. (Memory that nobody touches costs nothing.)"""
    import torch
    state = {name: torch.empty(sizes, dtype=torch.half) for name, sizes in language_model()}
    with torch.serialization.skip_data():
        torch.save(state, path)


# The kernel counts what a process inherited before it became the program: a small one starts it.
WATCHER = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6]))
"""


def cost(command):
    """Seconds of processor time and megabytes at the peak, of a process alone."""
    watched = [sys.executable, "-I", "-S", "-c", WATCHER, *command]
    return json.loads(subprocess.run(watched, check=True, capture_output=True, text=True).stdout)


def row(what, command, rounds, limits):
    costs = [cost(command) for _ in range(rounds)]
    seconds, megabytes = [c[0] for c in costs], max(c[1] for c in costs)
    print(f"| {what} | {min(seconds):.2f} | {statistics.median(seconds):.2f} | {megabytes:.0f} | {limits} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slipway", default=ROOT / "build/release/slipway")
    parser.add_argument("--folder", type=pathlib.Path, help="where the files are kept; default: a temporary one")
    arguments = parser.parse_args()
    program = str(arguments.slipway)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or pathlib.Path(temporary)
        print("| what | processor s, least | median | MB at the peak | to be below |\n|---|---|---|---|---|")
        for title, (name, seconds, megabytes) in PROGRAMS.items():
            path = folder / f"{name}.pt2"
            if not path.exists():
                subprocess.run([sys.executable, "-W", "ignore", __file__, "--save", name, str(path)], check=True)
            limit = f"{seconds:g} s" + (f", {megabytes} MB" if megabytes else "")
            row(f"convert {title}", [program, "convert", str(path), "-o", str(folder / "out.onnx")],
                arguments.rounds, limit)
        for kind, make in (("safetensors", make_safetensors), ("pth", make_checkpoint)):
            path = folder / f"seven_billion.{kind}"
            if not path.exists():
                make(path)
            row(f"inspect 7·10⁹ parameters, .{kind}", [program, "inspect", str(path)], arguments.rounds, "1 s, 200 MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--save"]:
        save_program(*sys.argv[2:])
    else:
        main()
