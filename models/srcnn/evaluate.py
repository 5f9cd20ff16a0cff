"""Prints how well the held-out photographs are enlarged, as luma PSNR in dB.

    python models/srcnn/evaluate.py [--checkpoint FILE] [--written DIR] [--small DIR]

Compares Pillow's bicubic, the network's own bicubic upsampling alone, and SRCNN run by PyTorch.
With --written DIR, the pictures DIR/<name>.png are scored instead of PyTorch's; --small DIR writes
the small pictures from which to make them.
"""

import argparse
import pathlib

import torch
from PIL import Image

import photographs
from model import SCALE, load_checkpoint
from quality import psnr


def run(network, small):
    """Puts a picture through a part of the model and makes a picture of what comes out."""
    with torch.no_grad():
        output = network(torch.from_numpy(photographs.to_array(small)).unsqueeze(0))
    return photographs.to_picture(output[0].numpy())


def score(name, small, truth, model, written=None):
    """The PSNR of Pillow's bicubic, of the model's Resize, and of the enlarged photograph."""
    enlarged = (Image.open(written / f"{name}.png").convert("RGB") if written
                else run(model, small))
    pillow = small.resize((small.width * SCALE, small.height * SCALE), Image.BICUBIC)
    return psnr(pillow, truth), psnr(run(model.upsample, small), truth), psnr(enlarged, truth)


def print_table(rows, engine):
    print(f"| photograph | Pillow bicubic | the model's Resize | {engine} | gain |")
    print("|---|--:|--:|--:|--:|")
    gains = []
    for name, (pillow, resize, enlarged) in rows:
        gains.append(enlarged - max(pillow, resize))
        print(f"| {name} | {pillow:.2f} | {resize:.2f} | {enlarged:.2f} | {gains[-1]:+.2f} |")
    print(f"| mean | | | | {sum(gains) / len(gains):+.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=pathlib.Path,
                        default=pathlib.Path(__file__).with_name("srcnn_x3.pth"))
    parser.add_argument("--written", type=pathlib.Path, help="score the pictures in this folder")
    parser.add_argument("--small", type=pathlib.Path, help="write the small pictures here")
    arguments = parser.parse_args()
    model = load_checkpoint(arguments.checkpoint)
    if arguments.small:
        arguments.small.mkdir(parents=True, exist_ok=True)
        for name, small, _ in photographs.held_out():
            small.save(arguments.small / f"{name}.png")
    print_table([(name, score(name, small, truth, model, arguments.written))
                 for name, small, truth in photographs.held_out()],
                "as written" if arguments.written else "SRCNN")


if __name__ == "__main__":
    main()
