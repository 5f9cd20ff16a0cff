"""Starts Slipway's command line and collects what it writes."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIME_LIMIT = 900  # seconds; the longest test takes a tenth of it


def find(variable, default):
    """The program that an environment variable names, or the one that the build leaves."""
    path = pathlib.Path(os.environ.get(variable, ROOT / default)).resolve()
    if not path.is_file():
        pytest.fail(f"{path} is not there: build it, or set {variable}")
    return path


def onnxruntime_library():
    """The shared library inside the Python package of ONNX Runtime."""
    import onnxruntime
    folder = pathlib.Path(onnxruntime.__file__).parent / "capi"
    return next(folder.glob("libonnxruntime.so*"))


class Slipway:
    """`slipway`, with the options that its commands share."""

    def __init__(self, program):
        self.program = str(program)

    @classmethod
    def find(cls):
        return cls(find("SLIPWAY_CLI", "build/release/slipway"))

    def attempt(self, *arguments, isa=None):
        """Runs a command, which may fail; returns its exit code and what it printed."""
        environment = dict(os.environ)
        if isa:
            environment["SLIPWAY_ISA"] = isa
        return subprocess.run([self.program, *map(str, arguments)], env=environment, capture_output=True,
                              text=True, timeout=TIME_LIMIT, check=False)

    def start(self, *arguments, isa=None):
        """Runs a command; fails with what it printed when it does. Returns its standard output."""
        done = self.attempt(*arguments, isa=isa)
        if done.returncode != 0:
            pytest.fail(f"{' '.join(map(str, done.args))}\nexit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def run_tensors(self, model, inputs, isa=None, **options):
        """Outputs by name for input arrays by name."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            arguments = []
            for place, (name, array) in enumerate(inputs.items()):
                numpy.save(folder / f"{place}.npy", array)
                arguments += ["-i", f"{name}={folder / f'{place}.npy'}"]
            self.start("run", model, *arguments, "-o", folder / "out.npz", *flags(options), isa=isa)
            with numpy.load(folder / "out.npz") as written:
                return {name: written[name] for name in written.files}

    def run_picture(self, model, picture, out, isa=None, **options):
        self.start("run", model, picture, "-o", out, *flags(options), isa=isa)

    def inspect(self, model):
        return self.start("inspect", model)

    def peak_megabytes(self, *arguments):
        """Runs a command and returns its largest resident set.

        A small process stands between: the kernel counts what a child has inherited before it
        becomes the program, and these tests are large themselves.
        """
        watcher = pathlib.Path(__file__).with_name("peak_memory.py")
        command = [sys.executable, "-I", "-S", str(watcher), self.program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
        if done.returncode != 0:
            pytest.fail(f"{' '.join(command)}\nexit code {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])["peak_kib"] * 1024 / 1e6


def flags(options):
    """threads=2, backend="onnxruntime" as the command line wants them."""
    arguments = []
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    if options.get("backend") == "onnxruntime":
        arguments += ["--onnxruntime", str(onnxruntime_library())]
    return arguments
