"""Every type of every elementwise, reducing, moving, matrix and normalising operator.

SLIPWAY_SEED=N repeats a run.
"""

import collections
import json
import os

import numpy
import pytest

import elementwise
import matrices
import movement
import reductions
from cases import write

FAMILIES = {"elementwise": elementwise, "reductions": reductions, "movement": movement, "matrices": matrices}


@pytest.fixture(scope="module")
def seed():
    chosen = int(os.environ.get("SLIPWAY_SEED", numpy.random.SeedSequence().entropy % 10**9))
    print(f"SLIPWAY_SEED={chosen}")
    return chosen


@pytest.mark.parametrize("family", FAMILIES)
def test_family(slipway, tmp_path, seed, family):
    random = numpy.random.default_rng(seed)
    count = 0
    for count, case in enumerate(FAMILIES[family].cases(random), 1):
        write(tmp_path, count, case)
    tests = json.loads(slipway.attempt("test", tmp_path, "--json").stdout)["tests"]
    assert len(tests) == count
    failed = [test for test in tests if test["result"] != "passed"]
    missing = collections.Counter(test["name"].split("_")[1] for test in failed if "has no operator" in test["reason"])
    wrong = [f"{test['name']}: {test['reason']}" for test in failed if "has no operator" not in test["reason"]]
    print(f"{family}: {count} cases, {len(wrong)} wrong, not there yet: {dict(missing)}")
    assert not wrong, f"seed {seed}, {len(wrong)} of {count}:\n" + "\n".join(wrong[:40])
