"""Programs with views and in-place writes give PyTorch's numbers, or are refused by name; none silently wrong.

Each program of `aliasing_programs/` is exported in the training dialect, which writes to tensors, and decomposed by
PyTorch; converted; run three times in a row natively and by ONNX Runtime, with the state that each run leaves for the
next one; and compared with PyTorch's eager mode (where its decomposition computes something else, with the file as
PyTorch runs it): results, buffers, and inputs that it writes to. A program that needs an operator which is not there
at all is refused by its name, which the test counts as an expected failure.

The same programs with their first and last axes open run on three other shapes; shapes that the program's guards exclude,
by PyTorch's own word, are refused.
"""

import copy
import dataclasses
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


def exported(program, dialect, dynamic=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.export.export(program.module(), copy.deepcopy(program.inputs), dynamic_shapes=dynamic)
        return made.run_decompositions() if dialect == "decomposed" else made


def saved(program, folder):
    torch.export.save(program, folder / "program.pt2")
    return folder / "program.pt2"


def eager(program, module, count):
    """Results, buffers and inputs after each run."""
    inputs = copy.deepcopy(program.inputs)
    runs = []
    with torch.no_grad():
        for _ in range(count):
            results = module(*inputs)
            results = results if isinstance(results, tuple) else (results,)
            runs.append(copy.deepcopy((results, dict(module.named_buffers()), inputs)))
    return runs


def array(tensor):
    """Complex numbers as the models take and give them: pairs in a last axis."""
    tensor = tensor.detach()
    return (torch.view_as_real(tensor) if tensor.is_complex() else tensor).numpy()


def expect_equal(what, value, expected):
    expected = array(expected)
    assert value.dtype == expected.dtype, what
    assert value.shape == expected.shape, what
    numpy.testing.assert_allclose(value, expected, **TOLERANCE, err_msg=what)


def expect_equal_runs(program, module, model, run, count=RUNS):
    """`run` takes arrays by name and returns outputs by name; `module` is what PyTorch runs."""
    graph = onnx.load(model).graph
    held = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in held]
    outputs = [value.name for value in graph.output]
    assert len(names) == len(program.inputs)
    state = {}
    inputs = dict(zip(names, map(array, copy.deepcopy(program.inputs))))
    initial = dict(program.module().named_buffers())
    for results, buffers, written in eager(program, module, count):
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


def in_onnxruntime(model):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, inputs)))


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
    expect_equal_runs(program, judges[1], model, in_onnxruntime(model))


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 60


# --- sizes that stay open ---

def open_axes(program):
    """The first axis and the last of every tensor, as torch.export takes them."""
    return tuple({axis: torch.export.Dim.AUTO for axis in {0, one.dim() - 1}} if one.dim() else None
                 for one in program.inputs)


def open_sizes(made):
    """Of each input, numbers and symbols as SymPy has them."""
    users = made.graph_signature.user_inputs
    return [[size if isinstance(size, int) else size.node.expr for size in node.meta["val"].shape]
            for node in made.graph.nodes if node.op == "placeholder" and node.name in users]


def of_sizes(tensor, sizes):
    """Other numbers of the same magnitude; integers are those that were there, which may be indices."""
    count = torch.Size(sizes).numel()
    if tensor.is_floating_point():
        return ((torch.arange(count) * 7 % 61) * 0.25 - 7.5).reshape(sizes).to(tensor.dtype)
    return tensor.flatten()[torch.arange(count) % max(tensor.numel(), 1)].reshape(sizes)


def other_shapes(program, made):
    """The program with inputs of other sizes, one after the other."""
    sizes = open_sizes(made)
    traced = {size: number for one, tensor in zip(sizes, program.inputs) for size, number in zip(one, tensor.shape)
              if not isinstance(size, int)}
    for step in range(1, 13):
        now = {size: number + step * (1 + place % 2) for place, (size, number) in enumerate(traced.items())}
        inputs = tuple(of_sizes(tensor, [now.get(size, size) for size in one])
                       for one, tensor in zip(sizes, program.inputs))
        yield dataclasses.replace(program, inputs=inputs)


# Refused by these words where the sizes are open, in the training dialect: what is where in memory depends on them.
REFUSED_WHILE_OPEN = {
    "write_to_every_other_row": "a slice with steps needs an axis of known size",
    "copy_between_interleaved_columns": "a slice with steps needs an axis of known size",
    "write_to_the_diagonal": "a tensor of size ? is to be made",
    "write_to_a_side_diagonal": "a tensor of size ? is to be made",
    "diagonal_of_two_inner_axes": "a tensor of size ? is to be made",
    "fill_diagonal": "whose size is not known",
} | dict.fromkeys([
    "chunks", "tensor_split", "horizontal_and_vertical_split", "windows_that_do_not_overlap", "windows_with_gaps",
    "read_of_overlapping_windows", "as_strided_diagonal", "as_strided_of_a_view_is_of_its_storage", "as_strided_block",
], "of which it cannot be told whether")

# Of which PyTorch's guards, or its operators, leave hardly another shape.
FEW_SIZES = {
    "write_through_a_view", "write_through_unflatten", "write_through_an_expand_that_repeats_nothing", "five_views_deep",
    "split_by_size_and_write_to_each", "split_with_sizes", "unbind", "reshape_that_is_a_view", "reshape_that_copies",
    "reshape_of_a_slice_that_is_a_view", "reshape_of_a_slice_that_copies", "copy_repeats_the_source",
    "copy_between_halves", "out_variants", "sort_into_out", "accumulate_rows_by_index", "index_add_copy_fill",
    "scatter_into_a_slice", "empty_tensors", "output_that_is_an_input", "buffers_updated_and_returned",
    "ring_of_the_last_inputs", "buffers_that_follow_each_other", "buffer_replaced_by_out", "cache_written_at_a_place",
    "batch_norm_in_training", "under_no_grad",
}
# PyTorch does not export them with open sizes.
NEVER_OPEN = {"fill_diagonal_that_wraps"}
OPEN = [name for name, program in PROGRAMS.items() if not program.refused and name not in NEVER_OPEN]


def taken_by_pytorch(made, program):
    """Whether the program's guards hold for its inputs, and PyTorch can run it."""
    try:
        made.module()(*copy.deepcopy(program.inputs))
    except (AssertionError, RuntimeError):
        return False
    return True


def expect_refusal(slipway, model, program, folder):
    arguments = []
    graph = onnx.load(model).graph
    held = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in held]
    for name, tensor in zip(names, program.inputs):
        numpy.save(folder / f"{name}.npy", array(tensor))
        arguments += ["-i", f"{name}={folder / name}.npy"]
    done = slipway.attempt("run", model, *arguments, "-o", folder / "out.npz")
    assert done.returncode == 1
    assert "but the model" in done.stderr or "cannot be broadcast" in done.stderr, done.stderr


@pytest.mark.parametrize("name", OPEN)
def test_other_shapes(slipway, name, tmp_path):
    program = PROGRAMS[name]
    made = exported(program, "training", open_axes(program))
    model = tmp_path / "model.onnx"
    done = slipway.attempt("convert", saved(made, tmp_path), "-o", model)
    if name in REFUSED_WHILE_OPEN:
        assert done.returncode == 1 and REFUSED_WHILE_OPEN[name] in done.stderr, done.stderr
        return
    if "this operator is not converted" in done.stderr:
        pytest.xfail(done.stderr)
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(str(model), full_check=True)
    taken, refused = [], []
    for other in other_shapes(program, made):
        (taken if taken_by_pytorch(made, other) else refused).append(other)
        if len(taken) == 3:
            break
    assert (len(taken) < 3) == (name in FEW_SIZES)
    for other in taken:
        expect_equal_runs(other, other.module(), model, lambda inputs: slipway.run_tensors(model, inputs), 1)
        expect_equal_runs(other, other.module(), model, in_onnxruntime(model), 1)
    for other in refused[:2]:
        expect_refusal(slipway, model, other, tmp_path)


def test_enough_programs_take_other_shapes():
    assert len(set(OPEN) - FEW_SIZES - REFUSED_WHILE_OPEN.keys()) >= 50
