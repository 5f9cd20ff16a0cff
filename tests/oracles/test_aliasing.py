"""Programs with views and in-place writes give PyTorch's numbers, or are refused by name; none silently wrong.

Each program of `aliasing_programs.py` is exported in the training dialect, which writes to tensors, and decomposed by
PyTorch; converted; run three times in a row natively and by ONNX Runtime, with the state that each run leaves for the
next one; and compared with PyTorch's eager mode (where its decomposition computes something else, with the file as
PyTorch runs it): results, buffers, and inputs that it writes to. A program that needs an operator which is not there
at all is refused by its name, which the test counts as an expected failure.
"""

import copy
import warnings

import numpy
import onnx
import onnxruntime
import pytest
import torch

from aliasing_programs import PROGRAMS

RUNS = 3
UPDATED = ".updated"
# Sums and norms may be added in another order; all else is exact.
TOLERANCE = {"rtol": 1e-6, "atol": 1e-6}


@pytest.fixture(params=["training", "decomposed"])
def dialect(request):
    return request.param


def exported(program, dialect):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.export.export(program.module(), copy.deepcopy(program.inputs))
        return made.run_decompositions() if dialect == "decomposed" else made


def saved(program, folder):
    torch.export.save(program, folder / "program.pt2")
    return folder / "program.pt2"


def eager(program, module):
    """Results, buffers and inputs after each run."""
    inputs = copy.deepcopy(program.inputs)
    runs = []
    with torch.no_grad():
        for _ in range(RUNS):
            results = module(*inputs)
            results = results if isinstance(results, tuple) else (results,)
            runs.append(copy.deepcopy((results, dict(module.named_buffers()), inputs)))
    return runs


def array(tensor):
    return tensor.detach().numpy()


def expect_equal(what, value, expected):
    expected = array(expected)
    assert value.dtype == expected.dtype, what
    assert value.shape == expected.shape, what
    numpy.testing.assert_allclose(value, expected, **TOLERANCE, err_msg=what)


def expect_equal_runs(program, module, model, run):
    """`run` takes arrays by name and returns outputs by name; `module` is what PyTorch runs."""
    graph = onnx.load(model).graph
    held = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in held]
    outputs = [value.name for value in graph.output]
    assert len(names) == len(program.inputs)
    state = {}
    inputs = dict(zip(names, map(array, copy.deepcopy(program.inputs))))
    initial = dict(program.module().named_buffers())
    for results, buffers, written in eager(program, module):
        values = run(inputs | state)
        of_user = [name for name in outputs if not name.endswith(UPDATED)]
        assert len(of_user) == len(results)
        for name, expected in zip(of_user, results):
            expect_equal(name, values[name], expected)
        updates = {name.removesuffix(UPDATED): values[name] for name in outputs if name.endswith(UPDATED)}
        for name, expected in zip(names, written):
            expect_equal(f"input {name}", updates.get(name, inputs[name]), expected)
            inputs[name] = updates.pop(name, inputs[name])
        state |= updates
        assert updates.keys() <= buffers.keys()
        for name, expected in buffers.items():
            expect_equal(f"buffer {name}", state[name] if name in state else array(initial[name]), expected)


@pytest.mark.parametrize("name", PROGRAMS)
def test_like_eager(slipway, name, dialect, tmp_path):
    program = PROGRAMS[name]
    model = tmp_path / "model.onnx"
    if dialect == "decomposed" and program.decomposition == "none":
        with pytest.raises(RuntimeError):
            exported(program, dialect)
        return
    made = exported(program, dialect)
    file = saved(made, tmp_path)
    if program.refused:
        # Decomposed, the file says what it means, whatever eager mode makes of it.
        if dialect == "training":
            done = slipway.attempt("convert", file, "-o", model)
            assert done.returncode != 0 and program.refused in done.stderr, done.stderr
            assert not model.exists()
        return
    wrong = dialect == "decomposed" and program.decomposition == "wrong"
    judges = [made.module() if wrong else program.module() for _ in range(2)]
    done = slipway.attempt("convert", file, "-o", model)
    if "this operator is not converted" in done.stderr:
        pytest.xfail(done.stderr)
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(str(model), full_check=True)
    expect_equal_runs(program, judges[0], model, lambda inputs: slipway.run_tensors(model, inputs))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    expect_equal_runs(program, judges[1], model, lambda inputs: dict(zip(names, session.run(None, inputs))))


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 60
