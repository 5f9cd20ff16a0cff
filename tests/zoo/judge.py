"""Judges one network: exports it, converts every form with Slipway, runs it on both engines, compares.

    python tests/zoo/judge.py NAME --folder build/zoo [--slipway build/release/slipway] [--forms training …]

The last line that it prints is the verdict, as JSON.
"""

import argparse
import contextlib
import hashlib
import importlib.metadata
import json
import pathlib
import signal
import subprocess
import sys
import time

import numpy
import onnx
import onnxruntime

from cases import load_cases

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oracles"))
from model_nodes import nodes_of  # noqa: E402

TOLERANCE = 1e-5    # of the largest output; or twice PyTorch's own error in single precision
TIME_LIMIT = 300    # seconds for one command of Slipway's
EXPORT_LIMIT = 300  # seconds for torch.export, with what PyTorch computes to compare with
BACKENDS = ["native", "onnxruntime"]


class Failure(Exception):
    """What did not work, and at which stage."""

    def __init__(self, stage, reason):
        super().__init__(f"{stage}: {reason}")


class TooLong(BaseException):
    """Not an Exception, so that nothing on the way catches it: torch.export tries many things."""


@contextlib.contextmanager
def limited(seconds):
    """Ends what takes longer than that with TooLong."""
    def end(_signal, _frame):
        raise TooLong(f"more than {seconds} s")
    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def first_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:600]


class Slipway:
    def __init__(self, program):
        self._program = program

    def start(self, stage, *arguments):
        try:
            done = subprocess.run([self._program, *map(str, arguments)], capture_output=True, text=True,
                                  timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(stage, f"more than {TIME_LIMIT} s") from None
        if done.returncode != 0:
            raise Failure(stage, done.stderr.strip()[:2000] or f"exit code {done.returncode}")


def check(path):
    """The standard's own checker, with types and shapes inferred throughout."""
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception as error:  # the checker raises exceptions of several kinds
        raise Failure("onnx.checker", first_line(error)) from None


def error_of(actual, expected):
    """The largest difference as a share of the largest output; integers and truth values must be equal."""
    if actual.shape != expected.shape:
        raise ValueError(f"shape {list(actual.shape)} instead of {list(expected.shape)}")
    if expected.dtype.kind not in "fc":
        differing = int((actual != expected).sum())
        if actual.dtype != expected.dtype or differing:
            raise ValueError(f"{differing} of {expected.size} values of {actual.dtype} differ from {expected.dtype}")
        return 0.0
    if expected.size == 0:
        return 0.0
    largest = float(numpy.abs(expected).max())
    difference = float(numpy.abs(actual.astype(numpy.float64) - expected).max())
    if not numpy.isfinite(difference):
        raise ValueError("values that are no numbers")
    return difference / largest if largest > 0 else difference


def run_native(slipway, path, feeds, names):
    numpy.savez(path.with_suffix(".in.npz"), **feeds)
    out = path.with_suffix(".out.npz")
    slipway.start("native", "run", path, "-i", path.with_suffix(".in.npz"), "-o", out)
    with numpy.load(out) as written:
        return [written[name] for name in names]


def run_onnxruntime(path, feeds, names):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"]).run(names, feeds)
    except Exception as error:
        raise Failure("onnxruntime", first_line(error)) from None


class Errors:
    """The largest error of each output over the cases run so far: PyTorch's own in single precision, each engine's."""

    def __init__(self):
        self._found = {who: {} for who in ["own", *BACKENDS]}

    def add(self, who, outputs, case):
        found = self._found[who]
        for place, (actual, double) in enumerate(zip(outputs, case.double, strict=True)):
            try:
                found[place] = max(found.get(place, 0.0), error_of(actual, double))
            except ValueError as difference:
                raise Failure(f"{who}, numbers", f"output {place}: {difference}") from None

    def judge(self):
        """The largest error of each; fails where an engine's is beyond its bound."""
        for backend in BACKENDS:
            for place, error in self._found[backend].items():
                own = self._found["own"][place]
                if error > max(TOLERANCE, 2 * own):
                    raise Failure(f"{backend}, numbers", f"output {place}: error {error:.2g}, PyTorch's own {own:.2g}")
        return {who: max(found.values()) for who, found in self._found.items()}


def convert(slipway, program, path):
    """Converts a program and has the file checked; what it took and how large it is."""
    start = time.perf_counter()
    slipway.start("convert", "convert", program, "-o", path)
    seconds = time.perf_counter() - start
    model = onnx.load(path, load_external_data=False)
    verdict = {"seconds": round(seconds, 2), "nodes": sum(1 for _ in nodes_of(model.graph)),
               "bytes": path.stat().st_size}
    check(path)
    return verdict, *([value.name for value in values] for values in (model.graph.input, model.graph.output))


def run_cases(slipway, path, inputs, outputs, cases):
    """The largest error of each engine over all cases, and PyTorch's own."""
    errors = Errors()
    for case in cases:
        if len(inputs) != len(case.inputs) or len(outputs) != len(case.double):
            raise Failure("convert", f"{len(inputs)} inputs and {len(outputs)} outputs instead of "
                                     f"{len(case.inputs)} and {len(case.double)}")
        feeds = dict(zip(inputs, case.inputs))
        errors.add("own", case.single, case)
        errors.add("native", run_native(slipway, path, feeds, outputs), case)
        errors.add("onnxruntime", run_onnxruntime(path, feeds, outputs), case)
    return errors.judge()


def judge_form(slipway, program, cases):
    """What there is to say of one form: size and errors, or why it failed."""
    path = program.with_suffix(".onnx")
    try:
        verdict, inputs, outputs = convert(slipway, program, path)
        return verdict | run_cases(slipway, path, inputs, outputs, cases)
    except Failure as failure:
        return {"failure": str(failure)}
    finally:
        for suffix in (".onnx", ".in.npz", ".out.npz"):
            program.with_suffix(suffix).unlink(missing_ok=True)


def sources_stamp():
    """Changes with what exports depend on."""
    digest = hashlib.sha256(importlib.metadata.version("torch").encode())
    for name in ("networks.py", "exports.py", "weights.py", "super_resolution.py", "torchvision_operators.py"):
        digest.update((pathlib.Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


class Exports:
    """Programs and expected outputs in a folder; made when they are not there yet, or by other sources."""

    def __init__(self, name, folder):
        self._name, self._folder, self._exporter = name, folder, None
        stamp = folder / "stamp"
        folder.mkdir(parents=True, exist_ok=True)
        if not stamp.is_file() or stamp.read_text() != sources_stamp():
            for old in folder.iterdir():
                old.unlink()
            facts = {"parameters": self.exporter.parameters(), "forms": self.exporter.forms()}
            (folder / "facts.json").write_text(json.dumps(facts))
            stamp.write_text(sources_stamp())
        self.facts = json.loads((folder / "facts.json").read_text())

    @property
    def exporter(self):
        """Loads PyTorch and builds the network, which takes longer than all the rest where exports are kept."""
        if self._exporter is None:
            from exports import Exporter
            from networks import all_networks
            self._exporter = Exporter(all_networks()[self._name])
        return self._exporter

    def find(self, form):
        """The program's path and its cases; fails with PyTorch's own error."""
        refused = self._folder / f"{form}.refused"
        if refused.is_file():
            raise Failure("PyTorch", refused.read_text())
        if not (self._folder / f"{form}.npz").is_file():
            try:
                exporter = self.exporter
                with limited(EXPORT_LIMIT):
                    exporter.save(form, self._folder)
            except (Exception, TooLong) as error:  # torch.export raises exceptions of many kinds
                refused.write_text(first_line(error))
                raise Failure("PyTorch", first_line(error)) from None
        return self._folder / f"{form}.pt2", load_cases(self._folder / f"{form}.npz")

    def forget(self, megabytes):
        """Removes programs that are too large to be kept."""
        for program in self._folder.glob("*.pt2"):
            if program.stat().st_size > megabytes * 1e6:
                program.unlink()
                program.with_suffix(".npz").unlink(missing_ok=True)


def judge(arguments):
    exports = Exports(arguments.name, arguments.folder / arguments.name)
    verdict = {"name": arguments.name, "parameters": exports.facts["parameters"], "forms": {}}
    slipway = Slipway(arguments.slipway)
    for form in exports.facts["forms"]:
        if arguments.forms and form not in arguments.forms:
            continue
        try:
            verdict["forms"][form] = judge_form(slipway, *exports.find(form))
        except Failure as failure:
            verdict["forms"][form] = {"failure": str(failure)}
        exports.forget(arguments.keep)
    return verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--slipway", default="build/release/slipway")
    parser.add_argument("--forms", nargs="*")
    parser.add_argument("--keep", type=float, default=60, help="exports up to this many megabytes are kept")
    print(json.dumps(judge(parser.parse_args())))


if __name__ == "__main__":
    main()
