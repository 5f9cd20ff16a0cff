"""SRCNN x3 in Slipway and in ONNX Runtime, side by side, as a Markdown table.

    python benchmarks/srcnn.py [--rounds 7] [--sizes 85 256] [--threads 1 2] [--require 1.0]

The two take turns, a short process each, so that a machine that slows down slows down both and
neither's waiting threads take time from the other. Within a process both run the same way: a few
runs to warm up, then as many as fit; what counts is the best and the median of all rounds. Slipway
is timed by `slipway bench`, ONNX Runtime by its Python package with bound buffers, so that nothing
is copied. With --require R the exit code is 1 where Slipway is not R times as fast.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODEL = ROOT / "models/srcnn/srcnn_x3.onnx"
SCALE = 3
WARM_UP = 3        # runs
MEASURE_FOR = 1.5  # seconds
AT_LEAST = 5       # runs


def onnxruntime_times(size, threads):
    """Milliseconds of each run, in this process."""
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
    picture = numpy.random.default_rng(0).random((1, 3, size, size), dtype=numpy.float32)
    enlarged = numpy.empty((1, 3, SCALE * size, SCALE * size), dtype=numpy.float32)
    binding = session.io_binding()
    binding.bind_cpu_input("input", picture)
    binding.bind_output("output", "cpu", 0, numpy.float32, enlarged.shape, enlarged.ctypes.data)
    times, started = [], time.perf_counter()
    while len(times) < WARM_UP + AT_LEAST or time.perf_counter() - started < MEASURE_FOR:
        begun = time.perf_counter()
        session.run_with_iobinding(binding)
        times.append(1000 * (time.perf_counter() - begun))
    return times[WARM_UP:]


def measure_onnxruntime(size, threads):
    command = [sys.executable, __file__, "--worker", str(size), str(threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure_slipway(program, size, threads):
    command = [program, "bench", str(MODEL), "--shape", f"input=1x3x{size}x{size}",
               "--threads", str(threads), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(program, size, threads, rounds):
    """Best and median of each engine over all rounds; who goes first alternates."""
    engines = {"slipway": lambda: measure_slipway(program, size, threads),
               "onnxruntime": lambda: measure_onnxruntime(size, threads)}
    seen = {name: [] for name in engines}
    for turn in range(rounds):
        order = list(engines) if turn % 2 == 0 else list(reversed(engines))
        for name in order:
            seen[name].append(engines[name]())
    return {name: {"min": min(result["min_ms"] for result in results),
                   "median": statistics.median(result["median_ms"] for result in results)}
            for name, results in seen.items()}


def print_row(size, threads, times):
    own, other = times["slipway"], times["onnxruntime"]
    print(f"| {size}×{size} | {threads} | {own['min']:.1f} | {own['median']:.1f} "
          f"| {other['min']:.1f} | {other['median']:.1f} "
          f"| {other['min'] / own['min']:.2f}× | {other['median'] / own['median']:.2f}× |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[85, 256])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--require", type=float, help="the smallest ratio of the best times that passes")
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        times = onnxruntime_times(*arguments.worker)
        print(json.dumps({"min_ms": min(times), "median_ms": statistics.median(times)}))
        return 0

    program = os.environ.get("SLIPWAY_CLI", str(ROOT / "build/release/slipway"))
    print("| input | threads | Slipway, best ms | median | ONNX Runtime, best ms | median "
          "| ratio of best | of medians |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    ratios = []
    for size in arguments.sizes:
        for threads in arguments.threads:
            times = compare(program, size, threads, arguments.rounds)
            print_row(size, threads, times)
            ratios.append(times["onnxruntime"]["min"] / times["slipway"]["min"])
    return int(arguments.require is not None and min(ratios) < arguments.require)


if __name__ == "__main__":
    sys.exit(main())
