"""Inputs and what PyTorch computes for them, and the files that keep both."""

import dataclasses

import numpy


@dataclasses.dataclass
class Case:
    """Inputs as they stand in a flat list, and the outputs in single and double precision."""
    inputs: list
    single: list
    double: list


def save_cases(cases, path):
    numpy.savez(path, **{f"{case}.{kind}.{place}": array
                         for case, found in enumerate(cases)
                         for kind, values in vars(found).items() for place, array in enumerate(values)})


def load_cases(path):
    cases = {}
    with numpy.load(path) as arrays:
        for name in arrays.files:
            case, kind, _ = name.split(".")
            vars(cases.setdefault(int(case), Case([], [], [])))[kind].append(arrays[name])
    return [cases[key] for key in sorted(cases)]
