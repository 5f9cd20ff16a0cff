"""Starts the program `slipway`."""

import json
import os
import shutil
import subprocess


class CommandError(RuntimeError):
    """`slipway` could not do what it was asked; the message is its own."""


def program():
    """Where `slipway` is: what SLIPWAY_CLI says, else the one on PATH."""
    named = os.environ.get("SLIPWAY_CLI")
    found = shutil.which(named or "slipway")
    if found is None:
        raise FileNotFoundError(
            f"SLIPWAY_CLI says '{named}', but no program is there" if named else
            "the program slipway is not on PATH; install it, or set SLIPWAY_CLI to where it is")
    return found


def attempt(*arguments):
    """Exit code, standard output and standard error."""
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def run(*arguments):
    """Standard output. Raises CommandError with what `slipway` says when it fails."""
    code, output, errors = attempt(*arguments)
    if code != 0:
        raise CommandError(errors.strip() or f"slipway {arguments[0]} ended with exit code {code}")
    return output


def input_names(model):
    """The inputs that a model has no defaults for, in its order."""
    report = json.loads(run("inspect", model, "--json"))
    return [port["name"] for port in report["inputs"] if not port.get("optional")]
