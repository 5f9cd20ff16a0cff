"""Programs of fixed, partly open and open sizes on the right, on other and on wrong ones, against PyTorch.

What each case does is in docs/dynamic_shapes.md. A size that a program excludes is an error that names the input, the
axis, what came and what was expected, on both engines, from the `.pt2` file and from what it is converted to: never a
number.
"""

import copy
import warnings

import numpy
import onnx
import onnxruntime
import pytest
import torch
from torch.export import Dim

from closeness import assert_close
from command_line import flags
from dynamic_networks import NETWORKS, picture, text

BACKENDS = ["native", "onnxruntime"]
TOLERANCE = 1e-5
FORMS = [(network, form) for network, (_, forms) in NETWORKS.items() for form in forms]


@pytest.fixture(scope="module")
def files(slipway, tmp_path_factory):
    """The program and the model of a network in a form."""
    made = {}

    def get(network, form):
        if (network, form) not in made:
            folder = tmp_path_factory.mktemp(f"{network}_{form}")
            kind, forms = NETWORKS[network]
            export(kind().eval(), forms[form].right, forms[form].dynamic, folder / "program.pt2")
            slipway.start("convert", folder / "program.pt2", "-o", folder / "model.onnx")
            onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
            made[network, form] = folder
        return made[network, form] / "program.pt2", made[network, form] / "model.onnx"
    return get


def export(module, inputs, dynamic, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, (), copy.deepcopy(inputs), dynamic_shapes=dynamic)
        torch.export.save(program, path)


def arrays(inputs):
    return {name: tensor.numpy() for name, tensor in inputs.items()}


@torch.no_grad()
def expected(network, inputs):
    """In double precision."""
    results = NETWORKS[network][0]().eval().double()(**{
        name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in inputs.items()})
    return results if isinstance(results, tuple) else (results,)


def expect_numbers(network, inputs, outputs):
    results = expected(network, inputs)
    assert len(outputs) == len(results)
    for output, result in zip(outputs, results):
        assert_close(output, result.numpy(), TOLERANCE)


def expect_refusal(slipway, model, backend, inputs, says, folder):
    arguments = []
    for name, array in arrays(inputs).items():
        numpy.save(folder / f"{name}.npy", array)
        arguments += ["-i", f"{name}={folder / name}.npy"]
    done = slipway.attempt("run", model, *arguments, "-o", folder / "out.npz", *flags({"backend": backend}))
    assert done.returncode == 1
    assert not (folder / "out.npz").exists()
    for part in says:
        assert part in done.stderr, done.stderr


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("network, form", FORMS)
def test_right_and_other(network, form, backend, files, slipway, tmp_path):
    calls = NETWORKS[network][1][form]
    for model in files(network, form):
        right = slipway.run_tensors(model, arrays(calls.right), backend=backend)
        expect_numbers(network, calls.right, list(right.values()))
        if calls.takes_other:
            other = slipway.run_tensors(model, arrays(calls.other), backend=backend)
            expect_numbers(network, calls.other, list(other.values()))
        else:
            expect_refusal(slipway, model, backend, calls.other, calls.other_says, tmp_path)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("network, form", FORMS)
def test_wrong(network, form, backend, files, slipway, tmp_path):
    for model in files(network, form):
        for inputs, says in NETWORKS[network][1][form].wrong:
            expect_refusal(slipway, model, backend, inputs, says, tmp_path)


@pytest.mark.parametrize("network, form", FORMS)
def test_the_file_is_plain_onnx(network, form, files):
    """ONNX Runtime by itself takes the same sizes."""
    calls = NETWORKS[network][1][form]
    session = onnxruntime.InferenceSession(files(network, form)[1], providers=["CPUExecutionProvider"])
    for inputs in [calls.right] + ([calls.other] if calls.takes_other else []):
        expect_numbers(network, inputs, session.run(None, arrays(inputs)))


def convert(slipway, program, model, *options):
    slipway.start("convert", program, "-o", model, *options)
    return model


def test_sizes_get_names(files, slipway, tmp_path):
    program, _ = files("pyramid", "all")
    model = convert(slipway, program, tmp_path / "m.onnx", "--dynamic", "picture=batch,3,8*rows,8*columns")
    loaded = onnx.load(model)
    dims = [dim.dim_param or dim.dim_value for dim in loaded.graph.input[0].type.tensor_type.shape.dim]
    assert dims == ["batch", 3, "8*rows", "8*columns"]
    conditions = {entry.key: entry.value for entry in loaded.metadata_props}["slipway.sizes"].split("; ")
    assert "2 <= batch <= 16" in conditions
    assert any("8*rows" in condition and "64" in condition for condition in conditions)
    expect_refusal(slipway, model, "native", picture(1, 3, 16, 24),
                   ("input 'picture'", "axis 0 ('batch') has size 1", "'2 <= batch <= 16'"), tmp_path)
    expect_refusal(slipway, model, "native", picture(2, 3, 12, 24),
                   ("input 'picture'", "axis 2 has size 12", "'8*rows', a multiple of 8"), tmp_path)
    right = slipway.run_tensors(model, arrays(picture(2, 3, 16, 24)))
    expect_numbers("pyramid", picture(2, 3, 16, 24), list(right.values()))


@pytest.mark.parametrize("backend", BACKENDS)
def test_open_sizes_become_numbers(backend, files, slipway, tmp_path):
    """A program of open sizes made static: the row `static` of the matrix."""
    model = convert(slipway, files("pyramid", "all")[0], tmp_path / "p.onnx", "--input", "picture=f32[3,3,24,16]")
    right = slipway.run_tensors(model, arrays(picture(3, 3, 24, 16)), backend=backend)
    expect_numbers("pyramid", picture(3, 3, 24, 16), list(right.values()))
    expect_refusal(slipway, model, backend, picture(3, 3, 16, 24),
                   ("input 'picture'", "axis 2 has size 16", "takes 24"), tmp_path)
    model = convert(slipway, files("reader", "all")[0], tmp_path / "r.onnx", "--input", "tokens=i64[3,length]")
    right = slipway.run_tensors(model, arrays(text(3, 11)), backend=backend)
    expect_numbers("reader", text(3, 11), list(right.values()))
    expect_refusal(slipway, model, backend, text(2, 11), ("input 'tokens'", "axis 0 has size 2", "takes 3"), tmp_path)
    expect_refusal(slipway, model, backend, text(3, 33),
                   ("input 'tokens'", "axis 1 ('length') has size 33", "'3 <= length <= 32'"), tmp_path)


@pytest.mark.parametrize("network, form, options, says", [
    ("pyramid", "static", ["--dynamic", "picture=batch,3,h,w"],
     ("input 'picture'", "axis 0", "exported with the size 2, not 'batch'", "dynamic_shapes")),
    ("pyramid", "batch", ["--dynamic", "picture=batch,3,h,w"],
     ("input 'picture'", "axis 2", "exported with the size 16, not 'h'", "dynamic_shapes")),
    ("pyramid", "batch", ["--input", "picture=f32[1,3,16,24]"], ("input 'picture'", "axis 0", "from 2 to 16", "not 1")),
    ("pyramid", "all", ["--dynamic", "picture=batch,3,h,w"],
     ("input 'picture'", "axis 2", "a multiple of 8", "'8*NAME'", "not 'h'")),
    ("pyramid", "all", ["--input", "picture=f32[2,3,16,25]"],
     ("input 'picture'", "axis 3", "a multiple of 8", "not 25")),
    ("pyramid", "all", ["--input", "picture=f32[2,3,16]"], ("input 'picture'", "4 axes", "not 3")),
    ("reader", "all", ["--dynamic", "tokens=n,n"],
     ("input 'tokens'", "'n' is the name of another size already")),
])
def test_what_cannot_be_made_of_a_program(network, form, options, says, files, slipway, tmp_path):
    done = slipway.attempt("convert", files(network, form)[0], "-o", tmp_path / "m.onnx", *options)
    assert done.returncode == 1
    assert not (tmp_path / "m.onnx").exists()
    for part in says:
        assert part in done.stderr, done.stderr


class Rows(torch.nn.Module):
    """Asks for an even number of rows, and goes two ways by the columns that there are of x for each row of y."""

    def forward(self, x, y):
        torch._check(x.shape[0] % 2 == 0)
        rows, columns = x.shape
        return x[: rows // 2].sum(1) + y.sum() if columns > y.shape[0] else x


def test_guards_are_checked(slipway, tmp_path):
    """What the tracer decided by sizes: conditions that no range says."""
    inputs = {"x": torch.rand(4, 6), "y": torch.rand(3, 9)}
    export(Rows(), inputs, {name: {0: Dim.AUTO, 1: Dim.AUTO} for name in inputs}, tmp_path / "program.pt2")
    model = convert(slipway, tmp_path / "program.pt2", tmp_path / "m.onnx", "--dynamic", "x=rows,columns")
    for sizes in [(4, 6), (8, 5), (6, 9)]:
        x = torch.rand(sizes)
        output = slipway.run_tensors(model, {"x": x.numpy(), "y": inputs["y"].numpy()})
        assert_close(next(iter(output.values())), Rows()(x, inputs["y"]).numpy(), TOLERANCE)
    for sizes, says in [((5, 6), ("axis 0 ('rows') has size 5", "rows % 2")),
                        ((4, 3), ("axis 1 ('columns') has size 3", "columns > s", "; axis 0 of input 'y'", "has size 3"))]:
        expect_refusal(slipway, model, "native", inputs | {"x": torch.rand(sizes)}, ("input 'x'", *says), tmp_path)


class Halves(torch.nn.Module):
    """Goes two ways by a real number that the rows make."""

    def forward(self, x):
        return x * 2 if x.shape[0] / 2 > 1.5 else x


def test_guards_that_the_model_cannot_state_are_named(slipway, tmp_path):
    """ONNX's metadata hold comparisons of whole numbers; of this one convert says that nothing checks it."""
    export(Halves(), {"x": torch.rand(4, 6)}, {"x": {0: Dim.AUTO}}, tmp_path / "program.pt2")
    done = slipway.attempt("convert", tmp_path / "program.pt2", "-o", tmp_path / "m.onnx", "--dynamic", "x=rows,6")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("slipway: note: "), done.stderr
    assert "(rows / 2) > 1.5" in done.stderr, done.stderr


class Squeezed(torch.nn.Module):
    def forward(self, x):
        return x.squeeze(0) * 2


@pytest.mark.parametrize("rows, says", [(Dim.AUTO, ">= 2"), (Dim("rows", min=1), "!= 1")])
def test_one_is_excluded_where_the_tracer_took_it_for_granted(rows, says, slipway, tmp_path):
    """This program means something else for one row: PyTorch leaves 0 and 1 out of Dim.AUTO, but says so nowhere where
    they were asked for."""
    export(Squeezed(), {"x": torch.rand(4, 6)}, {"x": {0: rows}}, tmp_path / "program.pt2")
    model = convert(slipway, tmp_path / "program.pt2", tmp_path / "m.onnx")
    output = slipway.run_tensors(model, {"x": numpy.ones((3, 6), numpy.float32)})
    assert numpy.array_equal(output["output"], numpy.full((3, 6), 2, numpy.float32))
    expect_refusal(slipway, model, "native", {"x": torch.rand(1, 6)}, ("input 'x'", "axis 0", "has size 1", says),
                   tmp_path)
