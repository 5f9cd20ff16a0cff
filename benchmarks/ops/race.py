"""Slipway and ONNX Runtime on each operator, as a Markdown table.

    python benchmarks/ops/race.py [--threads 1 2] [--family softmax …] [--output docs/performance.md]

cases.py says what is run. Both engines are called through one interface in one process, in turns; the ratio is
Slipway's time ÷ ONNX Runtime's, of the medians, so below 1 Slipway is faster.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

import onnx
import onnxruntime
from onnx import numpy_helper

import cases

ROOT = pathlib.Path(__file__).resolve().parents[2]


def write(folder, case):
    data = folder / f"{case.family}__{case.name}" / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(case.model(), data.parent / "model.onnx")
    for index, array in enumerate(case.fed()):
        (data / f"input_{index}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())


def race(program, folder, threads):
    environment = dict(os.environ, SLIPWAY_ONNXRUNTIME=str(pathlib.Path(onnxruntime.__file__).parent / "capi"))
    done = subprocess.run([program, folder, str(threads)], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def both_ran(result):
    return not any("error" in result[engine] for engine in ("native", "onnxruntime"))


def ratio_of(result):
    return result["native"]["median_ms"] / result["onnxruntime"]["median_ms"]


def row(result):
    family, name = result["name"].split("__")
    cells = [family, name, str(result["threads"])]
    for engine in ("native", "onnxruntime"):
        times = result[engine]
        cells += ["–", "–"] if "error" in times else [f"{times['min_ms']:.3f}", f"{times['median_ms']:.3f}"]
    cells.append(f"{ratio_of(result):.2f}" if both_ran(result) else "cannot run")
    return "| " + " | ".join(cells) + " |"


def table(results):
    lines = ["| family | case | threads | Slipway, least ms | median | ONNX Runtime, least ms | median | ratio |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    lines += [row(result) for result in results]
    ratios = collections.defaultdict(list)
    for result in results:
        if both_ran(result):
            ratios[result["name"].split("__")[0]].append(ratio_of(result))
    lines += ["", "| family | cases | median ratio | largest |", "|---|--:|--:|--:|"]
    lines += [f"| {family} | {len(of_family)} | {statistics.median(of_family):.2f} | {max(of_family):.2f} |"
              for family, of_family in ratios.items()]
    together = [value for of_family in ratios.values() for value in of_family]
    lines.append(f"| all | {len(together)} | {statistics.median(together):.2f} | {max(together):.2f} |")
    return lines


def processor():
    """The widest instructions of this machine, and its name."""
    described = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*: (.*)$", described, re.M)
    flags = re.search(r"^flags\s*: (.*)$", described, re.M)
    known = (("AVX-512", "avx512f"), ("AVX2", "avx2"))
    widest = next((isa for isa, flag in known if flags and flag in flags[1].split()), platform.machine())
    return widest, f"{name[1] if name else platform.processor()}, {os.cpu_count()} cores"


def revision():
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() or "of no repository"


def document(lines, before):
    """The page with these lines as the section of this machine's instructions; those of others stay."""
    isa, name = processor()
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", before, re.M | re.S))
    sections[isa] = "\n".join(["", f"Measured on: {name}, {datetime.date.today()}, sources {revision()}.", "", *lines])
    introduction = [
        "# Performance of operators",
        "",
        f"Slipway and ONNX Runtime {onnxruntime.__version__} on each operator of benchmarks/ops/cases.py: both called "
        "through one interface in one process, in turns, on the same inputs and threads. The ratio is Slipway's time ÷ "
        "ONNX Runtime's, of the medians: below 1, Slipway is faster. ONNX Runtime computes with "
        "session.x64quantprecision: without it, its products of u8 with s8 saturate on processors without VNNI, so that "
        "outputs of the quantised convolutions below are wrong.",
        "",
        "`make bench-ops` measures, and writes the section of the machine's instructions.",
        ""]
    written = [f"## {isa}\n{sections[isa].rstrip()}\n" for isa in sorted(sections)]
    return "\n".join([*introduction, *written])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / "build/release/slipway_race")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--family", nargs="+", default=list(cases.FAMILIES))
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for case in cases.all_cases():
            if case.family in arguments.family:
                write(folder, case)
        results = [result for threads in arguments.threads for result in race(arguments.program, folder, threads)]
    lines = table(results)
    print("\n".join(lines))
    if arguments.output:
        before = arguments.output.read_text(encoding="utf-8") if arguments.output.exists() else ""
        arguments.output.write_text(document(lines, before), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
