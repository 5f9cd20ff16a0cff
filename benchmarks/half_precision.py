"""How fast networks of half precision are beside the same networks in f32.

    python benchmarks/half_precision.py [--threads 1 2] [--rounds 7]

The types take turns. The ratio is f32's time ÷ the type's, of the medians: above 1, half precision is faster.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/oracles"))

import half_networks  # noqa: E402  (its folder has only now become known)

KINDS = ["f32", "f16", "bf16"]


def median_ms(program, model, threads):
    done = subprocess.run([program, "bench", model, "--threads", str(threads), "--json"], stdout=subprocess.PIPE,
                          text=True, check=True)
    return json.loads(done.stdout)["median_ms"]


def measure(program, folder, name, threads, rounds):
    """Median milliseconds of each type."""
    times = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            times[kind].append(median_ms(program, folder / f"{name}_{kind}.onnx", threads))
    return {kind: statistics.median(of_kind) for kind, of_kind in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.environ.get("SLIPWAY_CLI", ROOT / "build/release/slipway"))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print("| network | threads | f32, ms | f16, ms | ratio | bf16, ms | ratio |\n|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, make in half_networks.NETWORKS.items():
            for kind in KINDS:
                half_networks.save(make(), kind, folder / f"{name}_{kind}.onnx")
            for threads in arguments.threads:
                ms = measure(arguments.program, folder, name, threads, arguments.rounds)
                print(f"| {name} | {threads} | {ms['f32']:.2f} | {ms['f16']:.2f} | {ms['f32'] / ms['f16']:.2f} "
                      f"| {ms['bf16']:.2f} | {ms['f32'] / ms['bf16']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
