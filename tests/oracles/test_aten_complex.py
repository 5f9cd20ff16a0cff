"""Complex numbers, Fourier transforms and windows: what `slipway convert` makes of them, against PyTorch and ONNX
Runtime. A complex tensor that enters or leaves a model has one more axis there, of real and imaginary part."""

import exported_case
import onnx
import pytest
import torch
from exported_case import Case
from torch import fft

pytestmark = pytest.mark.long

# Of other sizes that are on the same side of the lengths below: PyTorch decomposes into a slice or a pad, not both.
REAL, OTHER_REAL = "f32[3,16]", "f32[2,18]"
COMPLEX, OTHER_COMPLEX = "c64[3,16]", "c64[2,18]"
IMAGE, OTHER_IMAGE = "f32[2,6,10]", "f32[3,5,12]"
NORMS = ("backward", "ortho", "forward")


def transforms(names, sizes, other, **options):
    """Each of the transforms in all norms, and of other lengths."""
    return [Case(name, sizes, lambda a, f=getattr(fft, name): (
        *[f(a, norm=norm) for norm in NORMS], *[f(a, **chosen) for chosen in options["forms"]]), other)
        for name in names]


LINES = [{"n": 20}, {"n": 15}, {"n": 7, "norm": "ortho"}, {"dim": 0}, {"n": 4, "dim": -2}]
PLANES = [{"s": (8, 5)}, {"dim": (0, 1)}, {"dim": (1, 0), "s": (3, 7), "norm": "ortho"}, {"s": (-1, 9)}]

FOURIER = [
    *transforms(["rfft", "fft", "ifft", "ihfft"], REAL, OTHER_REAL, forms=LINES),
    *transforms(["irfft", "hfft"], COMPLEX, "c64[3,12]", forms=LINES),  # PyTorch fixes the size of axis 0
    *transforms(["fft", "ifft"], COMPLEX, OTHER_COMPLEX, forms=LINES),
    *transforms(["rfft2", "fft2", "ifft2", "ihfft2"], IMAGE, OTHER_IMAGE, forms=PLANES),
    *transforms(["irfft2", "fft2", "ifft2", "hfft2"], "c64[2,6,10]", "c64[3,5,12]", forms=PLANES),
    *transforms(["rfftn", "fftn", "ifftn"], IMAGE, OTHER_IMAGE, forms=[{"dim": (0, 2)}, {"s": (4, 4)}]),
    *transforms(["irfftn", "fftn", "hfftn"], "c64[2,6,10]", "c64[3,5,12]", forms=[{"dim": (0, 2)}, {"s": (4, 4)}]),
    Case("fft_of_whole_numbers", "i64[3,8]", lambda a: (fft.rfft(a), fft.fft(a))),
    Case("fft_f64", "f64[3,9]", lambda a: (fft.rfft(a), fft.irfft(fft.rfft(a), 9))),
    Case("round_trip", REAL, lambda a: fft.irfft(fft.rfft(a), a.shape[-1]), "f32[5,14]"),
    Case("round_trip_odd", "f32[3,15]", lambda a: fft.irfft(fft.rfft(a), a.shape[-1]), "f32[5,13]"),
    Case("shift", REAL, lambda a: (fft.fftshift(a), fft.ifftshift(a), fft.fftshift(a, 1), fft.ifftshift(a, (0,))),
         "f32[4,11]"),
    Case("shift_complex", COMPLEX, lambda a: (fft.fftshift(a), fft.ifftshift(a, -1))),
    Case("frequencies", "f32[1]", lambda a: (fft.fftfreq(9, 0.5) + a, fft.fftfreq(8) * a, fft.rfftfreq(9) + a,
                                             fft.rfftfreq(8, 2.0) - a)),
]

PERIODIC = (True, False)
WINDOWS = [
    *[Case(name, "f32[1]", lambda a, f=getattr(torch, name): tuple(
        f(n, periodic=p) + a for n in (1, 2, 9, 16) for p in PERIODIC))
      for name in ("hann_window", "hamming_window", "blackman_window", "bartlett_window")],
    Case("hamming_coefficients", "f32[1]", lambda a: torch.hamming_window(9, True, 0.6, 0.3) * a),
    Case("window_f64", "f64[1]", lambda a: torch.hann_window(9, dtype=torch.float64) * a),
    Case("kaiser_window", "f32[1]", lambda a: tuple(torch.kaiser_window(n, p, beta) * a for n in (1, 9)
                                                    for p in PERIODIC for beta in (12.0, 3.5)), decomposed=False),
]


def spectra(**options):
    window = torch.hann_window(options.pop("window")) if "window" in options else None
    return lambda a: torch.stft(a, window=window, return_complex=True, **options)


def there_and_back(window=None, length=None, **options):
    def function(a):
        shape = torch.hamming_window(window) if window else None
        of_istft = {name: value for name, value in options.items() if name != "pad_mode"}
        bins = torch.stft(a, window=shape, return_complex=True, **options)
        return torch.istft(bins * 2, window=shape, length=length, **of_istft)
    return function


SIGNAL, OTHER_SIGNAL = "f32[2,160]", "f32[3,130]"
SPECTRA = [
    *[Case(f"stft{place}", SIGNAL, spectra(**options), OTHER_SIGNAL) for place, options in enumerate([
        {"n_fft": 32, "window": 32}, {"n_fft": 32}, {"n_fft": 24, "hop_length": 7, "win_length": 17, "window": 17},
        {"n_fft": 24, "win_length": 20}, {"n_fft": 32, "normalized": True, "window": 32},
        {"n_fft": 32, "onesided": False}, {"n_fft": 32, "center": False, "hop_length": 16},
        {"n_fft": 32, "pad_mode": "constant"}, {"n_fft": 25, "pad_mode": "replicate"}])],
    *[Case(f"stft_center_{mode}", SIGNAL, lambda a, mode=mode: torch.ops.aten.stft.center(
        a, 32, 8, 32, torch.ones(32), True, mode, False, True, True)) for mode in ("reflect", "constant", "replicate")],
    Case("stft_line", "f32[160]", spectra(n_fft=32, window=32)),
    Case("stft_complex", "c64[2,160]", lambda a: torch.stft(a, 16, center=False, return_complex=True, onesided=False)),
    Case("stft_magnitudes", SIGNAL, lambda a: (lambda z: (z.abs() ** 2, z.angle().cos()))(
        torch.stft(a, 32, 8, window=torch.hann_window(32), return_complex=True)), OTHER_SIGNAL),
    Case("stft_mel", SIGNAL, lambda a: torch.log(torch.einsum("mf,bft->bmt", torch.ones(5, 17), torch.stft(
        a, 32, 8, window=torch.hann_window(32), return_complex=True).abs().square()) + 1e-3), OTHER_SIGNAL),
    *[Case(f"istft{place}", SIGNAL, there_and_back(**options), OTHER_SIGNAL if place < 2 else "")
      for place, options in enumerate([
          {"n_fft": 32, "window": 32}, {"n_fft": 32}, {"n_fft": 32, "window": 32, "hop_length": 8, "length": 160},
          {"n_fft": 32, "window": 32, "length": 170}, {"n_fft": 32, "window": 32, "length": 90},
          {"n_fft": 24, "window": 18, "win_length": 18, "hop_length": 6}, {"n_fft": 32, "window": 32, "normalized": True},
          {"n_fft": 32, "window": 32, "onesided": False}])],
    Case("istft_line", "f32[160]", there_and_back(n_fft=32, window=32, length=160)),
]

PAIR, OTHER_PAIR = "c64[2,3,4] c64[3,4]", "c64[5,6,7] c64[6,7]"
ARITHMETIC = [
    Case("sums", PAIR, lambda a, b: (a + b, a - b, torch.add(a, b, alpha=-2.5), a + 1.5, a - 2j, (1 + 2j) - a), OTHER_PAIR),
    Case("sums_with_reals", "c64[2,3] f32[3] f32[]", lambda a, b, c: (a + b, b - a, a + c, a - c), "c64[4,5] f32[5] f32[]"),
    Case("products", PAIR, lambda a, b: (a * b, a * 2, a * 2j, (1 - 1j) * a, a * b.conj()), OTHER_PAIR),
    Case("products_with_reals", "c64[2,3] f32[3] f32[2,1]", lambda a, b, c: (a * b, c * a, a / b, a / 3, b * 2j)),
    Case("quotients", PAIR, lambda a, b: (a / b, 1 / b, a / (3 - 4j), b.reciprocal()), OTHER_PAIR),
    Case("quotients_of_large_and_small", "c64[4]", lambda a: (a / (a * 1e25 + 1e25), a * 1e-25 / (a * 1e-26 + 1e-26))),
    Case("squares", "c64[2,3]", lambda a: (a.square(), a ** 2, a.abs(), a.abs() ** 2)),
    Case("conjugates", "c64[2,3]", lambda a: (a.conj(), a.conj().resolve_conj(), a.conj().imag, -a, a.conj() * a,
                                              torch.conj_physical(a))),
    Case("parts", "c64[2,3]", lambda a: (a.real, a.imag, torch.view_as_real(a), a.real + a.imag), "c64[4,5]"),
    Case("angle", "c64[2,9]", torch.angle, "c64[4,5]"),
    Case("angle_on_axes", "c64[1]", lambda a: torch.angle(a * 0 + torch.tensor([1, -1, 1j, -1j, 0, 2 - 2j]))),
    Case("angle_of_reals", "f32[9] i64[9]", lambda a, b: (torch.angle(a), torch.angle(b))),
    Case("reals", "f32[9]", lambda a: (torch.real(a), a.conj() + 1, torch.conj_physical(a))),
    Case("functions", "c64[2,3]", lambda a: (torch.exp(a), torch.log(a), torch.exp(1j * a.real)), "c64[4,5]"),
    Case("made", "f32[2,3] f32[3]", lambda a, b: (torch.polar(a, b), torch.complex(a, a * 2), torch.complex(a, b),
                                                 a.to(torch.complex64)), "f32[4,5] f32[5]"),
    Case("types", "c64[2,3]", lambda a: (a.to(torch.complex128), a.to(torch.complex128) * 2j)),
    Case("filled", "c64[2,3]", lambda a: (torch.zeros_like(a), torch.ones_like(a) * a, torch.full((3,), 1 - 2j) + 1j,
                                          a.new_zeros(3), torch.ones_like(a, dtype=torch.float32), a.new_full((2,), 3), torch.zeros(a.shape[0], 4, dtype=torch.complex64)), "c64[4,5]"),
    Case("where", "c64[2,3] f32[3]", lambda a, b: (torch.where(b > 0, a, a * 2), torch.where(b > 0, a, b))),
    Case("reduced", "c64[2,3,4]", lambda a: (a.sum(), a.sum(1), a.mean(-1), a.mean((0, 2), keepdim=True), a.cumsum(-1))),
    Case("reduced_open", "c64[2,3,4]", lambda a: (a.sum(), a.sum(1), a.mean(-1)), "c64[5,6,4]"),
    Case("matrices", "c64[2,3,4] c64[4,5]", lambda a, b: (a @ b, torch.mm(a[0], b), b.t() @ b.conj(), b.mH @ b),
         "c64[3,2,6] c64[6,4]"),
    Case("bmm", "c64[2,3,4] c64[2,4,5]", torch.bmm),
    Case("einsum", "c64[2,3,4] c64[3,5,4]", lambda a, b: (
        torch.einsum("bix,iox->box", a, b), torch.einsum("bix->bx", a)), "c64[3,4,5] c64[4,2,5]"),
]

MOVES = [
    Case("shaped", "c64[2,3,4]", lambda a: (
        a.reshape(6, 4), a.view(2, -1), a.flatten(), a.flatten(1), a.flatten(0, 1), a.unsqueeze(-1), a.unsqueeze(0),
        a[:, :1].squeeze(), a[:, :1].squeeze(1), a.unflatten(-1, (2, 2)))),
    Case("turned", "c64[2,3,4]", lambda a: (a.permute(2, 0, 1), a.transpose(-1, -2), a.transpose(0, 2), a[0].t(), a.mT,
                                            a.movedim(-1, 0), a.flip(-1), a.flip(0, -2), a.roll(1, -1), a.roll((1, 2), (0, 2))),
         "c64[5,6,7]"),
    Case("cut", "c64[4,6]", lambda a: (a[1], a[:, -1], a[..., 2:5], a[::2, 1::2], a.narrow(-1, 1, 3), *a.split(2, -1),
                                       *a.chunk(2), *a.unbind(0)[:2])),
    Case("joined", "c64[2,3] c64[2,3]", lambda a, b: (torch.cat([a, b]), torch.cat([a, b], -1), torch.stack([a, b]),
                                                     torch.stack([a, b], -1)), "c64[4,5] c64[4,5]"),
    Case("repeated", "c64[2,1]", lambda a: (a.expand(2, 3), a.expand(4, -1, 3), a.repeat(2, 3), a.repeat(3, 1, 2))),
    Case("picked", "c64[4,5] i64[3]:0..3", lambda a, b: (a[b], a[:, b], a.index_select(-1, b), a[b, b])),
    Case("padded", "c64[4,5]", lambda a: torch.nn.functional.pad(a, (1, 2, 0, 1)), "c64[2,7]"),
]


def written(a, b):
    made = torch.zeros(4, 9, dtype=torch.complex64)
    made[:, :5] = a * 2
    made[1, -2:] = b
    made.real[0] += 1
    torch.view_as_real(made)[2, :, 1] = 7
    return made, made.conj().imag


class Rotary(torch.nn.Module):
    """The embedding of positions of Llama, as its authors wrote it."""

    def __init__(self, size=8, longest=32):
        super().__init__()
        frequencies = 1.0 / (10000.0 ** (torch.arange(0, size, 2).float() / size))
        angles = torch.outer(torch.arange(longest).float(), frequencies)
        self.register_buffer("rotation", torch.polar(torch.ones_like(angles), angles), persistent=False)

    def forward(self, queries, keys):
        rotation = self.rotation[: queries.shape[1]].view(1, queries.shape[1], 1, -1)

        def turned(x):
            pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
            return torch.view_as_real(pairs * rotation).flatten(3).type_as(x)
        return turned(queries), turned(keys)


class SpectralConvolution(torch.nn.Module):
    """A layer of a Fourier neural operator."""

    def __init__(self, channels=3, modes=4):
        super().__init__()
        self.modes = modes
        self.low = torch.nn.Parameter(torch.randn(channels, channels, modes, modes, dtype=torch.cfloat))
        self.high = torch.nn.Parameter(torch.randn(channels, channels, modes, modes, dtype=torch.cfloat))

    def forward(self, image):
        bins = fft.rfft2(image)
        out = torch.zeros_like(bins)
        m = self.modes
        out[:, :, :m, :m] = torch.einsum("bixy,ioxy->boxy", bins[:, :, :m, :m], self.low)
        out[:, :, -m:, :m] = torch.einsum("bixy,ioxy->boxy", bins[:, :, -m:, :m], self.high)
        return fft.irfft2(out, s=image.shape[-2:])


class GlobalFilter(torch.nn.Module):
    """A layer of GFNet: products in the frequency domain."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(8, 5, 3, 2) * 0.02)

    def forward(self, tokens):
        image = tokens.view(tokens.shape[0], 8, 8, 3)
        bins = fft.rfft2(image, dim=(1, 2), norm="ortho") * torch.view_as_complex(self.weight)
        return fft.irfft2(bins, s=(8, 8), dim=(1, 2), norm="ortho").reshape(tokens.shape[0], 64, 3)


PROGRAMS = [
    Case("written", "c64[4,5] c64[2]", written),
    Case("rotary", "f32[2,6,3,8] f32[2,6,3,8]", Rotary(), "f32[1,9,2,8] f32[1,9,2,8]"),
    Case("rotary_halves", "f16[2,6,3,8] f16[2,6,3,8]", Rotary(), ort=False),
    Case("spectral_convolution", "f32[2,3,16,12]", SpectralConvolution(), "f32[1,3,14,18]"),
    Case("global_filter", "f32[2,64,3]", GlobalFilter()),
    Case("mixed_by_fourier", "f32[2,6,8]", lambda a: fft.fft(fft.fft(a, dim=-1), dim=-2).real, "f32[3,5,4]"),
]

CASES = FOURIER + WINDOWS + SPECTRA + ARITHMETIC + MOVES + PROGRAMS


def named(cases):
    """Cases of one name become several names."""
    seen = {}
    for case in cases:
        seen[case.name] = seen.get(case.name, 0) + 1
        if seen[case.name] > 1:
            case.name += f"_{seen[case.name]}"
    return cases


@pytest.mark.parametrize(("case", "dialect", "dynamic"), exported_case.parametrised(named(CASES)))
def test_complex_numbers(slipway, tmp_path, case, dialect, dynamic):
    exported_case.check(slipway, tmp_path, case, dialect, dynamic)


def in_a_branch(a):
    return torch.cond(a.real.sum() > 0, lambda x: x * 2, lambda x: x + 1, (a,))


REFUSED = [("tan", lambda a: torch.tan(a), "aten.tan"), ("cube", lambda a: a ** 3, "torch.polar"),
           ("product", lambda a: a.prod(), "aten.prod"), ("branch", in_a_branch, "higher_order.cond")]


@pytest.mark.parametrize(("function", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusal(slipway, tmp_path, function, words):
    program = torch.export.export(exported_case.module_of(function, 1), tuple(exported_case.make("c64[2,3]")))
    torch.export.save(program, tmp_path / "program.pt2")
    done = slipway.attempt("convert", tmp_path / "program.pt2", "-o", tmp_path / "model.onnx")
    assert done.returncode == 1
    assert words in done.stderr and "complex numbers" in done.stderr


@pytest.mark.parametrize("opset", [17, 16])
def test_transforms_came_with_opset_17(slipway, tmp_path, opset):
    def function(a):
        return fft.irfft(fft.rfft(a), a.shape[-1])
    inputs = exported_case.make(REAL)
    torch.export.save(torch.export.export(exported_case.module_of(function, 1), tuple(inputs)), tmp_path / "program.pt2")
    done = slipway.attempt("convert", tmp_path / "program.pt2", "-o", tmp_path / "model.onnx", "--opset", opset)
    if opset < 17:
        assert done.returncode == 1 and "DFT came with opset 17" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert onnx.load(tmp_path / "model.onnx").opset_import[0].version == 17
    theirs = exported_case.run_onnxruntime(tmp_path / "model.onnx", {"a": inputs[0].numpy()})
    exported_case.compare(theirs, inputs, [inputs[0].double()], "ONNX Runtime")
