"""PyTorch's tensor operators: what `slipway convert` makes of each, against PyTorch and ONNX Runtime."""

import exported_case
import numpy
import pytest
import torch
from exported_case import Case
from torch._higher_order_ops.map import map as torch_map
from torch._higher_order_ops.scan import scan
from torch._higher_order_ops.while_loop import while_loop

pytestmark = pytest.mark.long


def write(tensor, change):
    """A copy of the tensor, changed in place."""
    copy = tensor.clone()
    change(copy)
    return copy


PAIR = "f32[2,3,4] f32[3,4]"
OTHER_PAIR = "f32[5,6,7] f32[6,7]"

ARITHMETIC = [
    Case("add", PAIR, lambda a, b: a + b, OTHER_PAIR),
    Case("add_alpha", PAIR, lambda a, b: torch.add(a, b, alpha=-2.5)),
    Case("add_scalar", "f32[2,3]", lambda a: a + 1.25),
    Case("add_zero", "i64[2,3]", lambda a: (a + 0, a + 1)),
    Case("add_bool", "bool[7] bool[7]", lambda a, b: a + b),
    Case("add_promotes", "i32[3] f32[3]", lambda a, b: a + b),
    Case("add_promotes_scalar_tensor", "i32[3] f32[]", lambda a, b: a + b),
    Case("add_wide_scalar_tensor", "f32[3] f64[]", lambda a, b: a + b),
    Case("add_u8", "u8[9] u8[9]", lambda a, b: a + b * 100),
    Case("add_u8_negative", "u8[9]", lambda a: a + (-1)),
    Case("add_int_float", "i64[5]", lambda a: a + 0.5),
    Case("add_bool_int", "bool[5]", lambda a: a + 2),
    Case("add_f16", "f16[5] f16[5]", lambda a, b: a + b),
    Case("sub", PAIR, lambda a, b: torch.sub(a, b, alpha=2), OTHER_PAIR),
    Case("sub_int", "i64[5] i32[5]", lambda a, b: a - b),
    Case("rsub", "f32[2,3]", lambda a: 1 - a),
    Case("rsub_alpha", PAIR, lambda a, b: torch.rsub(a, b, alpha=3)),
    Case("mul", PAIR, lambda a, b: a * b, OTHER_PAIR),
    Case("mul_int", "i32[5]", lambda a: a * 3),
    Case("mul_bool", "bool[5] bool[5]", lambda a, b: a * b),
    Case("mul_mixed", "bool[5] f32[5]", lambda a, b: a * b),
    Case("neg", "f32[5] i64[5] u8[5]", lambda a, b, c: (-a, -b, -c)),
    Case("addcmul", "f32[3,4] f32[4] f32[3,1]", lambda a, b, c: torch.addcmul(a, b, c, value=0.5)),
    Case("addcdiv", "f32[3,4] f32[4] f32[3,1]:1..2", lambda a, b, c: torch.addcdiv(a, b, c, value=2)),
    Case("lerp", "f32[3,4] f32[3,4] f32[3,4]", lambda a, b, c: (torch.lerp(a, b, 0.3), torch.lerp(a, b, c))),
    Case("hypot", "f32[3] f32[3]", torch.hypot),
    Case("div", PAIR, lambda a, b: a / b, OTHER_PAIR),
    Case("div_int", "i64[5] i64[5]:1..5", lambda a, b: a / b),
    Case("div_scalar", "i64[5]", lambda a: a / 2),
    Case("div_trunc", "f32[50] f32[50]", lambda a, b: torch.div(a * 9, b, rounding_mode="trunc")),
    Case("div_floor", "f32[50] f32[50]", lambda a, b: torch.div(a * 9, b, rounding_mode="floor")),
    Case("div_floor_exact", "f32[1]:1..1", lambda a: torch.div(a, 0.1, rounding_mode="floor")),
    Case("div_floor_zero", "f32[4] f32[4]:0..0", lambda a, b: torch.div(a, b, rounding_mode="floor")),
    Case("div_trunc_int", "i64[30] i64[30]:1..5", lambda a, b: torch.div(a, b, rounding_mode="trunc")),
    Case("div_floor_int", "i64[30] i64[30]:1..5",
         lambda a, b: (torch.div(a, b, rounding_mode="floor"), a // -b, a // 3, a // -3)),
    Case("floor_divide_limits", "i64[3]:0..1", lambda a: (a + (-2**63)) // 3),
    Case("floor_divide", "f32[30] f32[30]", lambda a, b: a * 5 // b),
    Case("remainder", "f32[30] f32[30]", lambda a, b: (a * 5 % b, a % 0.7, a % -0.7)),
    Case("remainder_int", "i64[30] i64[30]:1..5", lambda a, b: (a % b, a % -b, a % 3, 7 % b)),
    Case("fmod", "f32[30] f32[30]", lambda a, b: (torch.fmod(a * 5, b), torch.fmod(a, 0.3))),
    Case("fmod_int", "i64[30] i64[30]:1..5", lambda a, b: (torch.fmod(a, b), torch.fmod(a, -2))),
    Case("pow", "f32[9]:0.1..3 f32[9]", lambda a, b: (a ** b, 2 ** b)),
    Case("pow_numbers", "f32[9]:0.1..3",
         lambda a: (a ** 2, a ** 3, a ** 0.5, a ** -0.5, a ** -1, a ** -2, a ** 1, a ** 0, a ** 4, a ** 1.7)),
    Case("pow_int", "i64[9] i64[9]:0..4", lambda a, b: (a ** b, a ** 2, a ** 5, 2 ** b, a ** 0.5)),
    Case("float_power", "i64[9]:1..5", lambda a: torch.float_power(a, 1.5)),
    Case("square", "f32[9] i64[9]", lambda a, b: (a.square(), b.square())),
    Case("rsqrt", "f32[9]:0.1..3", torch.rsqrt),
]

MATH = [
    *[Case(name, "f32[40]", getattr(torch, name))
      for name in ["atan", "ceil", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1", "floor", "frac", "neg",
                   "reciprocal", "round", "sgn", "sign", "sin", "sinc", "sinh", "tan", "trunc", "abs", "asinh",
                   "deg2rad", "rad2deg", "isnan", "isinf", "isfinite", "signbit", "positive", "square"]],
    *[Case(name, "f32[40]:-0.99..0.99", getattr(torch, name)) for name in ["acos", "asin", "atanh"]],
    *[Case(name, "f32[40]:0.01..9", getattr(torch, name))
      for name in ["log", "log2", "log10", "log1p", "sqrt", "logit"]],
    Case("acosh", "f32[40]:1.1..9", torch.acosh),
    Case("logit_eps", "f32[40]:-1..2", lambda a: torch.logit(a, 1e-3)),
    *[Case(f"{name}_int", "i64[12]", getattr(torch, name))
      for name in ["exp", "sin", "abs", "sign", "ceil", "floor", "round", "trunc", "isnan", "isfinite", "isinf",
                   "signbit"]],
    Case("tiny_expm1_log1p", "f32[20]:-1e-5..1e-5".replace("1e-5", "0.00001"),
         lambda a: (torch.expm1(a), torch.log1p(a))),
    Case("special_expm1_log1p", "f32[1]", lambda a: (
        torch.log1p(a * 0 + torch.tensor([float("inf"), -1.0, 1e20, 0.0, -0.5, float("nan")])),
        torch.expm1(a * 0 + torch.tensor([float("inf"), -float("inf"), 80.0, 0.0, -80.0, float("nan")])))),
    Case("round_half", "f32[1]", lambda a: torch.round(a * 0 + torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5]))),
    Case("round_decimals", "f32[20]", lambda a: (torch.round(a, decimals=2), torch.round(a * 100, decimals=-1))),
    Case("atan2", "f32[9,1] f32[9]", torch.atan2),
    Case("atan2_axes", "f32[1]", lambda a: torch.atan2(
        a * 0 + torch.tensor([0.0, 0.0, 1.0, -1.0, 0.0]), torch.tensor([1.0, -1.0, 0.0, 0.0, 0.0]))),
    Case("xlogy", "f32[9] f32[9]:0.1..3", lambda a, b: (torch.xlogy(a, b), torch.xlogy(a * 0, b - 0.1),
                                                         torch.xlogy(2, b), torch.xlogy(a, 2.5))),
    Case("logaddexp", "f32[9] f32[9]", lambda a, b: (torch.logaddexp(a, b), torch.logaddexp2(a, b),
                                                     torch.logaddexp(a * 0 - float("inf"), a * 0 - float("inf")))),
    Case("copysign", "f32[9] f32[9]", lambda a, b: (torch.copysign(a, b), torch.copysign(a, -2.0))),
    Case("heaviside", "i64[9] i64[9]", torch.heaviside),
    Case("nan_to_num", "f32[1]", lambda a: (lambda x: (
        torch.nan_to_num(x), torch.nan_to_num(x, nan=2.0, posinf=5.0), torch.nan_to_num(x, neginf=-1.0)))(
            a * 0 + torch.tensor([float("inf"), -float("inf"), float("nan"), 1.0]))),
    Case("isinf_specials", "f32[1]", lambda a: (lambda x: (
        torch.isinf(x), torch.isnan(x), torch.isfinite(x), torch.isposinf(x), torch.isneginf(x)))(
            a * 0 + torch.tensor([float("inf"), -float("inf"), float("nan"), 1.0]))),
]

EXTREMA = [
    Case("maximum", PAIR, lambda a, b: (torch.maximum(a, b), torch.minimum(a, b), torch.max(a, b)), OTHER_PAIR),
    Case("maximum_int", "i64[5] i32[5]", torch.maximum),
    Case("maximum_bool", "bool[5] bool[5]", lambda a, b: (torch.maximum(a, b), torch.minimum(a, b))),
    Case("maximum_nan", "f32[1]", lambda a: (lambda x, y: (
        torch.maximum(x, y), torch.minimum(x, y), torch.fmax(x, y), torch.fmin(x, y)))(
            a * 0 + torch.tensor([float("nan"), 1.0, float("nan")]),
            torch.tensor([1.0, float("nan"), float("nan")]))),
    Case("clamp", "f32[20]", lambda a: (a.clamp(-0.5, 0.5), a.clamp(min=0), a.clamp(max=0.25), a.clip(0.5, 0.1))),
    Case("clamp_int", "i64[20]", lambda a: (a.clamp(-2, 2), a.clamp(min=0.5), torch.clamp_min(a, 1))),
    Case("clamp_tensor", "f32[4,5] f32[5] f32[5]", lambda a, b, c: (
        torch.clamp(a, b, c), torch.clamp(a, min=b), torch.clamp_max(a, c))),
    Case("clamp_scalar_tensor", "f32[4,5] f32[]", lambda a, b: torch.clamp(a, min=b)),
]

BITS = [
    Case("bitwise", "i32[20] i32[20]", lambda a, b: (a & b, a | b, a ^ b, ~a, a & 3)),
    Case("bitwise_bool", "bool[20] bool[20]", lambda a, b: (a & b, a | b, a ^ b, ~a)),
    Case("logical", "f32[20] i64[20]", lambda a, b: (
        torch.logical_and(a, b), torch.logical_or(a, b), torch.logical_xor(a, b), torch.logical_not(b))),
    Case("shift_u8", "u8[20] u8[20]:0..7", lambda a, b: (a << b, a >> b)),
    *[Case(f"shift_{kind}", f"{kind}[20] {kind}[20]:0..7", lambda a, b: (a << b, a >> b, a * 1000 << b))
      for kind in ("i64", "i32")],
    Case("bits_of_whole_numbers", "i32[20] u8[5]", lambda a, b: (a.view(torch.uint32).view(torch.int32), b.view(torch.int8))),
]

COMPARISON = [
    *[Case(name, PAIR.replace("f32", "i64"), getattr(torch, name), OTHER_PAIR.replace("f32", "i64"))
      for name in ["eq", "ne", "ge", "gt", "le", "lt"]],
    Case("compare_mixed", "i64[9] f32[9]", lambda a, b: (a < b, a == b.round(), a >= 0.5)),
    Case("compare_scalar", "f32[9]", lambda a: (a > 0, a == 1, a != 0, 0.5 <= a)),
    Case("compare_bool", "bool[9] bool[9]", lambda a, b: (a == b, a > b, a != b, a == 1)),
    Case("isclose", "f32[9]", lambda a: torch.isclose(a, a + torch.tensor(1e-6))),
    Case("where", "bool[3,4] f32[3,4] f32[4]", lambda a, b, c: (
        torch.where(a, b, c), torch.where(a, b, 0.0), torch.where(a, 1, c), torch.where(a, 1.0, 0.0))),
    Case("where_promotes", "bool[4] i64[4] f32[4]", torch.where),
    Case("masked_fill", "f32[3,4] bool[4]", lambda a, b: (a.masked_fill(b, -float("inf")),
                                                         a.masked_fill(~b, torch.tensor(2)))),
]

COPIES = [
    Case("to", "f32[9]", lambda a: (a.to(torch.int64), a.double(), a.bool(), a.half(), a.to(torch.float32) + 1)),
    Case("to_int", "i64[9]", lambda a: (a.float(), a.to(torch.uint8), a.bool(), a.to(torch.int32))),
    Case("type_as", "f32[9] i32[2]", lambda a, b: a.type_as(b)),
    Case("copies", "f32[9]", lambda a: a.clone().detach().contiguous() + 1),
]

VIEWS = [
    Case("view", "f32[2,3,4]", lambda a: (a.view(-1, a.shape[2]), a.reshape(a.shape[0], -1), a.view(-1)), "f32[5,6,7]"),
    Case("view_static", "f32[2,3,4]", lambda a: (a.view(6, 4), a.reshape(2, -1), a.view(-1), a.view(2, 3, 2, 2))),
    Case("reshape_batch", "f32[4,3,8]", lambda a: a.reshape(a.shape[0], a.shape[1], 4, -1), "f32[5,6,12]"),
    Case("reshape_two_open", "f32[4,3,8]", lambda a: a.reshape(a.shape[0] * a.shape[1], a.shape[2]), "f32[5,6,12]"),
    Case("reshape_empty", "f32[2,0,4]", lambda a: (a.reshape(0, 8), a.reshape(2, 0))),
    Case("view_as", "f32[2,6] f32[3,4]", lambda a, b: (a.view_as(b), a.reshape_as(b))),
    Case("flatten", "f32[2,3,4,5]", lambda a: (a.flatten(), a.flatten(1), a.flatten(1, 2), a.flatten(-2)),
         "f32[3,4,5,6]"),
    Case("flatten_scalar", "f32[]", lambda a: (a.flatten(), a.view(1), a.reshape(1, 1), a.unsqueeze(0))),
    Case("unflatten", "f32[2,12]", lambda a: a.unflatten(1, (3, 4))),
    Case("ravel", "f32[2,12]", lambda a: a.ravel()),
    Case("squeeze", "f32[1,3,1,2]", lambda a: (a.squeeze(), a.squeeze(0), a.squeeze(1), a.squeeze((0, 2)),
                                             a.squeeze(-2))),
    Case("unsqueeze", "f32[3,2]", lambda a: (a.unsqueeze(0), a.unsqueeze(-1), a[:, None], a[..., None]), "f32[4,5]"),
    Case("permute", "f32[2,3,4]", lambda a: (a.permute(2, 0, 1), a.permute(0, -1, 1), a.permute(0, 1, 2) + 1),
         "f32[5,6,7]"),
    Case("transpose", "f32[2,3,4]", lambda a: (a.transpose(0, 1), a.transpose(-1, -2), a.mT, a.swapaxes(0, 2))),
    Case("t", "f32[2,3] f32[4]", lambda a, b: (a.t(), b.t() + 0, a.T, a.adjoint())),
    Case("movedim", "f32[2,3,4,5]", lambda a: (a.movedim(0, -1), a.movedim((0, 1), (2, 0)), torch.moveaxis(a, 3, 1))),
    Case("atleast", "f32[] f32[3]", lambda a, b: (torch.atleast_1d(a), torch.atleast_2d(b), torch.atleast_3d(b))),
    Case("flip", "f32[2,3,4]", lambda a: (a.flip(0), a.flip((1, 2)), a.fliplr(), a.flipud()), "f32[5,6,7]"),
    Case("rot90", "f32[2,3,4]", lambda a: (a.rot90(), a.rot90(-1, (1, 2)), a.rot90(2), a.rot90(3, (0, 2)))),
    Case("roll", "f32[4,5,6]", lambda a: (a.roll(2, 1), a.roll((1, -2), (0, 2)), a.roll(7), a.roll(9, 0)),
         "f32[7,2,5]"),
    Case("expand", "f32[1,3] f32[3]", lambda a, b: (a.expand(4, 3), a.expand(2, 4, -1), b.expand(2, 3), a.expand(1, 3) + 1)),
    Case("expand_dynamic", "f32[4,1] f32[4,6]", lambda a, b: (a.expand(-1, 5), a.expand_as(b), a.expand(b.shape)),
         "f32[7,1] f32[7,3]"),
    Case("repeat", "f32[2,3]", lambda a: (a.repeat(2, 1), a.repeat(3, 1, 2), torch.tile(a, (2,)), a.repeat(1, 1)),
         "f32[4,5]"),
    Case("repeat_interleave", "f32[2,3]", lambda a: (a.repeat_interleave(2, 0), a.repeat_interleave(3)), "f32[4,5]"),
    Case("repeat_interleave_tensor", "f32[4,3] i64[4]:1..4",
         lambda a, b: a.repeat_interleave(torch.tensor([1, 0, 2, 3]), 0)),
    Case("broadcast_tensors", "f32[3,1] f32[4]", lambda a, b: torch.broadcast_tensors(a, b)),
]

PARTS = [
    Case("select", "f32[4,5,6]", lambda a: (a[1], a[-1], a[:, 2], a.select(2, -3)), "f32[7,4,5]"),
    Case("slice", "f32[8,9]", lambda a: (a[1:], a[:-2], a[2:6:2], a[:, 3:100], a[:, -3:], a[:, ::3], a[:]),
         "f32[10,11]"),
    Case("slice_empty", "f32[8,9]", lambda a: (a[5:2], a[20:])),
    Case("slice_by_size", "f32[8,9] f32[5]", lambda a, b: (a[: b.shape[0]], a[:, : b.shape[0] + 1], a[b.shape[0]:]),
         "f32[10,11] f32[6]"),
    Case("narrow", "f32[8,9]", lambda a: (a.narrow(0, 2, 3), a.narrow(1, -4, 4), a.narrow(1, 0, 9) + 1)),
    Case("split", "f32[8,9]", lambda a: (*a.split(3), *a.split([2, 3, 4], 1))),
    Case("split_one_used", "f32[8,9]", lambda a: (a.split(3)[1], a.split([2, 3, 4], 1)[2], a.chunk(3, 1)[0])),
    Case("split_dynamic", "f32[8,12]", lambda a: (*a.split([2, a.shape[1] - 2], 1), *a.split(a.shape[0] // 2, 0)),
         "f32[10,14]"),
    Case("chunk", "f32[8,9]", lambda a: (*a.chunk(2), *a.chunk(4), *a.chunk(3, -1))),
    Case("tensor_split", "f32[8,9]", lambda a: (*a.tensor_split(3), *a.tensor_split((2, 5), 1))),
    Case("unbind", "f32[3,4]", lambda a: (*a.unbind(), *a.unbind(1)[1:])),
    Case("unfold", "f32[4,10]", lambda a: (a.unfold(1, 3, 2), a.unfold(0, 2, 1)), "f32[5,13]"),
]

JOINING = [
    Case("cat", "f32[2,3] f32[4,3]", lambda a, b: (torch.cat([a, b]), torch.cat([a, a], -1)), "f32[5,6] f32[7,6]"),
    Case("cat_promotes", "f32[2] i64[3] bool[1]", lambda a, b, c: torch.cat([a, b, c])),
    Case("cat_empty", "f32[2,3] f32[0]", lambda a, b: torch.cat([b, a, a], 1), decomposed=False),
    Case("cat_single", "f32[2,3]", lambda a: torch.cat([a]) + 1),
    Case("stack", "f32[2,3] f32[2,3]", lambda a, b: (torch.stack([a, b]), torch.stack([a, b], -1)),
         "f32[5,6] f32[5,6]"),
    Case("stacks", "f32[2,3] f32[2,3]", lambda a, b: (
        torch.hstack([a, b]), torch.vstack([a, b]), torch.dstack([a, b]), torch.column_stack([a, b]),
        torch.vstack([a[0], b[1]]), torch.hstack([a[0], b[1]]), torch.column_stack([a[0], b[0]]))),
    Case("block_diag", "f32[2,3] f32[2] f32[1,1]", lambda a, b, c: torch.block_diag(a, b, c)),
]

REDUCTION = [
    *[Case(name, "f32[2,3,4]", lambda a, f=getattr(torch, name): (f(a), f(a, 1), f(a, -1, keepdim=True)), "f32[5,6,7]")
      for name in ["sum", "mean", "prod", "argmax", "argmin", "std", "var"]],
    *[Case(name, "f32[2,3,4]", lambda a, f=getattr(torch, name): (f(a, 1), f(a, (0, 2)), f(a, (-1,), keepdim=True)),
           "f32[5,6,7]") for name in ["amax", "amin", "logsumexp", "std", "var", "sum", "mean"]],
    Case("sum_int", "i32[4,5] bool[4,5] u8[4,5]", lambda a, b, c: (a.sum(), b.sum(0), c.sum(1), a.prod(1), c.max())),
    Case("sum_dtype", "f32[4,5] i64[4,5]", lambda a, b: (a.sum(dtype=torch.float64), b.mean(dtype=torch.float32),
                                                         b.sum(0, dtype=torch.float32))),
    Case("reduce_scalar", "f32[]", lambda a: (a.sum(0), a.mean(-1), a.amax(0), *a.max(0), a.argmax(0), a.sum())),
    Case("reduce_empty", "f32[0,3]", lambda a: (a.sum(), a.sum(0), a.prod(0), a.any(0), a.all(0)), ort=False),
    Case("max_dim", "f32[4,5]", lambda a: (*a.max(1), *a.min(0, keepdim=True), a.max(1).values, a.min(-1).indices),
         "f32[6,7]"),
    Case("max_ties", "i64[4,50]:0..3", lambda a: (*a.max(1), *a.min(1), a.argmax(), a.argmin(0))),
    Case("max_all", "f32[4,5]", lambda a: (a.max(), a.min(), *torch.aminmax(a), *torch.aminmax(a, dim=1))),
    Case("argmax_keepdim", "f32[4,5]", lambda a: (a.argmax(keepdim=True), a.argmin(dim=1, keepdim=True))),
    Case("any_all", "bool[4,5] f32[4,5]", lambda a, b: (a.any(), a.all(), a.any(0), a.all(1, keepdim=True),
                                                       b.any(1), b.all(), torch.any(a, (0, 1)))),
    Case("any_u8", "u8[4,5]:0..2", lambda a: (a.any(), a.all(0))),
    Case("count_nonzero", "i64[4,5] bool[4]", lambda a, b: (a.count_nonzero(), a.count_nonzero(1), b.count_nonzero())),
    Case("var_corrections", "f32[4,5]", lambda a: (
        a.var(1, correction=0), a.std(1, unbiased=False), a.var(correction=2), *torch.var_mean(a, 1),
        *torch.std_mean(a, (0, 1), correction=0, keepdim=True), *torch.var_mean(a)), "f32[6,7]"),
    Case("nansum", "f32[4,5]", lambda a: (a.log().nansum(), a.log().nansum(1), a.log().nanmean(0))),
    Case("norms", "f32[4,5]", lambda a: (
        a.norm(), a.norm(dim=1), a.norm(p=1, dim=0), torch.linalg.vector_norm(a, float("inf"), 1),
        torch.linalg.vector_norm(a, -float("inf")), torch.linalg.vector_norm(a, 3, 1, keepdim=True),
        torch.linalg.vector_norm(a, 0), torch.linalg.norm(a), torch.linalg.matrix_norm(a), torch.dist(a, a * 2))),
]

PRODUCTS = [
    Case("mm", "f32[3,4] f32[4,5]", lambda a, b: (a @ b, torch.mm(a, b)), "f32[6,7] f32[7,8]"),
    Case("matmul", "f32[2,3,4] f32[4,5] f32[4]", lambda a, b, c: (a @ b, a @ c, c @ b, c @ c, torch.dot(c, c))),
    Case("bmm", "f32[2,3,4] f32[2,4,5]", torch.bmm, "f32[3,6,7] f32[3,7,2]"),
    Case("matmul_int", "i64[3,4] i64[4,5]", lambda a, b: (a @ b, a.int() @ b.int())),
    Case("mv", "f32[3,4] f32[4]", torch.mv),
    Case("addmm", "f32[5] f32[3,4] f32[4,5]", lambda a, b, c: (torch.addmm(a, b, c),
                                                              torch.addmm(a, b, c, beta=0.5, alpha=2))),
    Case("addmm_transposed", "f32[5] f32[3,4] f32[5,4]", lambda a, b, c: torch.addmm(a, b, c.t())),
    Case("baddbmm", "f32[2,3,5] f32[2,3,4] f32[2,4,5]", lambda a, b, c: (
        torch.baddbmm(a, b, c), torch.baddbmm(a, b, c, beta=0, alpha=0.5), torch.addbmm(a[0], b, c, beta=2))),
    Case("addmv", "f32[3] f32[3,4] f32[4]", lambda a, b, c: torch.addmv(a, b, c, alpha=0.5)),
    Case("outer", "f32[3] f32[4]", lambda a, b: (torch.outer(a, b), torch.addr(a[:, None] * b, a, b, beta=2))),
    Case("einsum", "f32[2,3,4] f32[2,4,5]", lambda a, b: (
        torch.einsum("bij,bjk->bik", a, b), torch.einsum("bij , bjk", a, b), torch.einsum("b...->b", a))),
    Case("chain_matmul", "f32[2,3] f32[3,4] f32[4,5]", lambda a, b, c: torch.linalg.multi_dot([a, b, c])),
    Case("tensordot", "f32[2,3,4] f32[4,3,5]", lambda a, b: (torch.tensordot(a, b, ([1, 2], [1, 0])),
                                                            torch.tensordot(a, b, 1))),
    Case("kron", "f32[2,4] f32[3]", torch.kron),
    Case("inner", "f32[2,4] f32[3,4]", torch.inner),
    Case("cross", "f32[4,3] f32[4,3]", lambda a, b: (torch.linalg.cross(a, b), torch.cross(a, b, dim=1))),
]

CREATION = [
    Case("zeros", "f32[2,3]", lambda a: (torch.zeros(1, 1) + a, torch.zeros_like(a), torch.ones(a.shape[1]),
                                        a.new_full((2,), 3), torch.full((a.shape[0], 2), 7), a.new_ones(3)), "f32[4,5]"),
    Case("full_like", "i64[2,3]", lambda a: (torch.full_like(a, 5), torch.ones_like(a, dtype=torch.bool),
                                            torch.full_like(a, 2.5, dtype=torch.float32)), "i64[4,5]"),
    Case("arange", "f32[5]", lambda a: (torch.arange(a.shape[0]), torch.arange(2, 9, 3), torch.arange(0, 1, 0.25),
                                       torch.arange(a.shape[0], dtype=torch.float32) + a,
                                       torch.arange(5, 0, -1)), "f32[8]"),
    Case("linspace", "f32[1]", lambda a: (torch.linspace(-1, 1, 7) + a, torch.linspace(0, 10, 4), torch.linspace(3, 9, 1))),
    Case("eye", "f32[3,3]", lambda a: (torch.eye(3) * a, torch.eye(2, 5), torch.eye(2, dtype=torch.int64))),
    Case("tril", "f32[4,5]", lambda a: (a.tril(), a.triu(), a.tril(-1), a.triu(2), a.bool().triu()), "f32[6,7]"),
    Case("tril_indices", "f32[4,5]", lambda a: (torch.tril_indices(4, 5, 1) + 0, torch.triu_indices(3, 3))),
    Case("scalar_tensor", "f32[4]", lambda a: a * torch.scalar_tensor(2.5)),
    Case("one_hot", "i64[4,5]:0..6", lambda a: torch.nn.functional.one_hot(a, 7), decomposed=False),
    Case("meshgrid", "f32[3] f32[4]", lambda a, b: (*torch.meshgrid(a, b, indexing="ij"),
                                                   *torch.meshgrid(a, b, indexing="xy")), "f32[5] f32[6]"),
]

INDEXING = [
    Case("index", "f32[4,5,6] i64[3]:0..4", lambda a, b: (a[b], a[:, b], a[..., b], a[b - 4], a[:, [0, 2, -1]]),
         "f32[7,8,5] i64[5]:0..4"),
    Case("index_matrix", "f32[9,2] i64[4,4]:0..8", lambda a, b: a[b]),
    Case("index_several", "f32[4,5,6] i64[3]:0..3 i64[3]:0..4", lambda a, b, c: (
        a[b, c], a[:, b, c], a[b, :, c], a[b, c, b], a[b[:, None], c], a[:, b[:, None], c], a[b, c[:, None]]),
         "f32[5,6,7] i64[4]:0..3 i64[4]:0..4"),
    Case("index_scalar_tensor", "f32[4,5] i64[]:0..3", lambda a, b: (a[b], a[:, b], a[b, b])),
    Case("index_mask", "f32[4,5] bool[4,5] bool[4]", lambda a, b, c: (a[b], a[c], a[a > 0]), decomposed=False),
    Case("index_mask_last", "f32[4,5] bool[5] i64[1]:0..3", lambda a, b, c: a[:, b]),
    Case("index_put", "f32[4,5,6] i64[3]:0..3 f32[3,5,6]", lambda a, b, c: (
        torch.index_put(a, (torch.tensor([0, 2, 3]),), c), torch.index_put(a, (b,), c, accumulate=True),
        torch.index_put(a, (torch.tensor([1, 0]), torch.tensor([2, 2])), torch.tensor(7.0)))),
    Case("index_put_columns", "f32[4,5,6] f32[4,2,6] f32[6]", lambda a, b, c: (
        torch.ops.aten.index_put(a, [None, torch.tensor([3, 1])], b),
        torch.ops.aten.index_put(a, [None, torch.tensor([3, 1])], c))),
    Case("index_put_mask", "f32[4,5] bool[4,5] bool[4]", lambda a, b, c: (
        torch.index_put(a, (b,), torch.tensor(1.5)), torch.index_put(a, (c,), torch.tensor(-1.0)))),
    Case("setitem", "f32[4,5] i64[2]:0..3", lambda a, b: write(a, lambda x: x.__setitem__((slice(None), b), 2.0))),
    Case("setitem_mask", "f32[4,5]", lambda a: write(a, lambda x: x.__setitem__(x > 0, 0.5))),
    Case("index_select", "f32[4,5] i64[3]:0..3", lambda a, b: (a.index_select(0, b), a.index_select(-1, b)),
         "f32[6,7] i64[5]:0..3"),
    Case("gather", "f32[4,5] i64[4,3]:0..3", lambda a, b: (a.gather(1, b), a.gather(0, b), torch.take(a, b),
                                                       torch.take_along_dim(a, b, 1), torch.take_along_dim(a, b))),
    Case("gather_dynamic", "f32[4,5] i64[3]:0..3", lambda a, b: a.gather(1, b.expand(a.shape[0], -1)),
         "f32[6,7] i64[5]:0..3"),
    Case("take_along_dim_broadcast", "f32[4,5] i64[1,3]:0..3", lambda a, b: torch.take_along_dim(a, b, 1)),
    Case("masked_select", "f32[4,5] bool[4,5]", lambda a, b: (a.masked_select(b), a.masked_select(a > 0.5))),
    Case("masked_scatter", "f32[4,5] bool[4,5] f32[30]", lambda a, b, c: a.masked_scatter(b, c)),
    Case("nonzero", "i64[4,5]:0..1", lambda a: (a.nonzero(), torch.argwhere(a > 0))),
    Case("nonzero_tuple", "i64[4,5]:0..1", lambda a: a.nonzero(as_tuple=True)),
    Case("bucketize", "f32[4,5]", lambda a: (
        torch.bucketize(a, torch.tensor([-1.0, 0.0, 1.0])), torch.bucketize(a, torch.tensor([-1.0, 0.0]), right=True),
        torch.bucketize(a, torch.tensor([0.0]), out_int32=True))),
    Case("searchsorted", "f32[3,6] f32[3,4]", lambda a, b: (
        torch.searchsorted(a.sort(-1).values, b), torch.searchsorted(a.sort(-1).values, b, right=True),
        torch.searchsorted(torch.arange(5.0), b)), decomposed=False),
    Case("isin", "i64[4,5] i64[3]", lambda a, b: (torch.isin(a, b), torch.isin(a, b, invert=True), torch.isin(a, 2)),
         decomposed=False),
    Case("repeat_places", "i64[4]:1..4", lambda a: torch.repeat_interleave(a + 0)),
]

SCATTERING = [
    Case("scatter", "f32[4,5] f32[4,5]", lambda a, b: (
        a.scatter(1, torch.tensor([[0, 2], [1, 0], [4, 3]]), b), a.scatter(0, torch.tensor([[0, 2, 1]]), 7.0),
        a.scatter(0, torch.tensor([[0, 2, 1]]), b, reduce="add"),
        a.scatter(0, torch.tensor([[0, 2, 1]]), 2.0, reduce="multiply"))),
    Case("scatter_add", "f32[4,5] i64[3,5]:0..3 f32[3,5]", lambda a, b, c: a.scatter_add(0, b, c),
         "f32[6,7] i64[5,7]:0..3 f32[5,7]"),
    *[Case(f"scatter_reduce_{how}", "f32[4,5] i64[3,5]:0..3 f32[3,5]", lambda a, b, c, how=how: (
        a.scatter_reduce(0, b, c, how), a.scatter_reduce(0, b, c, how, include_self=False)))
      for how in ["sum", "prod", "mean", "amax", "amin"]],
    Case("scatter_reduce_int", "i64[4,5] i64[3,5]:0..3 i64[3,5]", lambda a, b, c: (
        a.scatter_reduce(0, b, c, "sum"), a.scatter_reduce(0, b, c, "amax", include_self=False))),
    Case("index_add", "f32[4,5] f32[4,3] f32[3,5]", lambda a, b, c: (
        a.index_add(1, torch.tensor([0, 4, 0]), b), a.index_add(0, torch.tensor([0, 2, 0]), c, alpha=2))),
    Case("index_copy", "f32[4,5] f32[4,3] f32[3,5]", lambda a, b, c: (
        a.index_copy(1, torch.tensor([0, 4, 1]), b), a.index_copy(0, torch.tensor([0, 2, 1]), c))),
    Case("index_fill", "f32[4,5]", lambda a: (a.index_fill(1, torch.tensor([0, 4]), 2.0),
                                              a.index_fill(0, torch.tensor([1]), torch.tensor(3.0)))),
]

WRITING = [
    Case("select_scatter", "f32[4,5,6] f32[4,6] f32[5,6]", lambda a, b, c: (
        torch.select_scatter(a, b, 1, 2), torch.select_scatter(a, b, 1, -1), torch.select_scatter(a, c, 0, -2)),
         "f32[7,3,6] f32[7,6] f32[3,6]"),
    Case("slice_scatter", "f32[8,6] f32[2,6] f32[8,3]", lambda a, b, c: (
        torch.slice_scatter(a, b, 0, 3, 5), torch.slice_scatter(a, b, 0, -2), torch.slice_scatter(a, c, 1, 0, 6, 2),
        torch.slice_scatter(a, c, 1, 1, 100, 2))),
    Case("slice_scatter_dynamic", "f32[8,6] f32[8,2]", lambda a, b: (
        torch.slice_scatter(a, b, 1, 1, 3), torch.slice_scatter(a, b, 1, a.shape[1] - 2, a.shape[1])),
         "f32[5,9] f32[5,2]"),
    Case("diagonal", "f32[4,5] f32[2,3,3]", lambda a, b: (
        a.diagonal(), a.diagonal(1), a.diagonal(-2), a.t().diagonal(2), b.diagonal(0, 1, 2), b.diagonal(1, 0, -1))),
    Case("diagonal_scatter", "f32[4,4] f32[4] f32[3]", lambda a, b, c: (
        torch.diagonal_scatter(a, b), torch.diagonal_scatter(a, c, 1), torch.diagonal_scatter(a, c, -1),
        torch.diagonal_scatter(torch.cat([a, a]), b), torch.diagonal_scatter(torch.cat([a, a], 1), b, 2))),
    Case("diag", "f32[4] f32[4,5]", lambda a, b: (
        torch.diag(a), torch.diag(a, 1), torch.diag(b), torch.diag(b, -1), torch.diag_embed(b), torch.diag_embed(b, -2),
        torch.diag_embed(b, 0, 0, 2), torch.trace(b[:, :4]))),
    Case("as_strided", "f32[4,6]", lambda a: (a.as_strided((3, 2), (6, 2)), a.as_strided((2, 3), (1, 5), 3),
                                              torch.as_strided_scatter(a, a[:2, :2] * 0, (2, 2), (6, 2), 1))),
    Case("fill_slice", "f32[4,6]", lambda a: write(a, lambda x: x[1:3, ::2].fill_(2.0))),
    Case("copy_into_view", "f32[4,6] f32[6]", lambda a, b: write(a, lambda x: x[1:3].copy_(b))),
]

SORTING = [
    Case("sort", "f32[4,7]", lambda a: (*a.sort(), *a.sort(0, descending=True), a.argsort(1), a.msort()), "f32[5,9]"),
    Case("sort_stable", "i64[4,30]", lambda a: (*a.sort(stable=True), *a.sort(stable=True, descending=True))),
    Case("sort_bool", "bool[12]", lambda a: a.sort(stable=True).values),
    Case("topk", "f32[4,7]", lambda a: (*a.topk(3), *a.topk(2, 0, largest=False)), "f32[5,9]"),
    Case("kthvalue", "f32[4,7]", lambda a: (*a.kthvalue(3), *a.kthvalue(2, 0, keepdim=True))),
    Case("median", "f32[4,7]", lambda a: (a.median(), *a.median(1), a.median(0, keepdim=True).values)),
    Case("unique", "i64[20]:0..6", lambda a: torch.unique(a, return_inverse=True, return_counts=True)),
    Case("unique_dim", "i64[6,2]:0..1", lambda a: torch.unique(a, dim=0)),
]

ACCUMULATION = [
    Case("cumsum", "f32[4,7] i64[5] bool[5]", lambda a, b, c: (
        a.cumsum(1), a.cumsum(0), b.cumsum(0), c.cumsum(0), b.cumsum(0, dtype=torch.float32))),
    Case("cumprod", "f32[4,7] i64[5] f64[2,3,4]", lambda a, b, c: (a.cumprod(1), a.cumprod(0), b.cumprod(0), c.cumprod(-2)),
         "f32[3,5] i64[4] f64[3,2,5]"),
    Case("cumulative_extremes", "f32[4,7] i64[9]", lambda a, b: (*a.cummax(1), *a.cummin(0), *b.cummax(0), *b.cummin(0))),
    Case("diff", "f32[4,7]", lambda a: (a.diff(), a.diff(n=2, dim=0), a.diff(prepend=a[:, :1]))),
    Case("logcumsumexp", "f32[4,7]", lambda a: (a.logcumsumexp(1), (a * 30).logcumsumexp(0))),
]

CONTROL_FLOW = [
    Case("cond", "f32[3,4]", lambda a: torch.cond(a.sum() > 0, lambda x: (x + 1, x * 2), lambda x: (x - 1, x * 3), (a,))),
    Case("cond_captures", "f32[3,4] f32[4]", lambda a, b: torch.cond(
        a.sum() > b.sum(), lambda x, y: x + y, lambda x, y: x * y, (a, b)), "f32[5,6] f32[6]"),
    Case("cond_captures_a_size", "f32[3,4]", lambda a: torch.cond(
        a.sum() > 0, lambda x: x * a.shape[0], lambda x: x - a.shape[0], (a,)), "f32[5,6]"),
    Case("while_loop", "f32[3,4] i64[]:2..4", lambda a, b: while_loop(
        lambda i, x: i < b + 3, lambda i, x: (i + 1, x * 1.5 + i), (torch.zeros((), dtype=torch.int64), a)),
         ),
    Case("map", "f32[3,4] f32[4]", lambda a, b: torch_map(lambda row, c: row * c + row.sum(), a, b)),
    Case("scan", "f32[3,4]", lambda a: scan(lambda c, row: (c + row, c * row), torch.zeros(4), a)),
    Case("item", "f32[5] i64[]:1..3", lambda a, b: a * b.item()),
]

CASES = (ARITHMETIC + MATH + EXTREMA + BITS + COMPARISON + COPIES + VIEWS + PARTS + JOINING + REDUCTION + PRODUCTS
         + CREATION + INDEXING + SCATTERING + WRITING + SORTING + ACCUMULATION + CONTROL_FLOW)


@pytest.mark.parametrize(("case", "dialect", "dynamic"), exported_case.parametrised(CASES))
def test_operator(slipway, tmp_path, case, dialect, dynamic):
    exported_case.check(slipway, tmp_path, case, dialect, dynamic)


# By a number that halves cannot hold: PyTorch multiplies and divides by it in single precision, adds it rounded, and
# rounds formulas of several steps once.
HALVES = {
    "add": lambda a, b: a + 0.1, "sub": lambda a, b: a - 0.1, "mul": lambda a, b: a * 0.1, "div": lambda a, b: a / 0.1,
    "div_trunc": lambda a, b: torch.div(a, 0.1, rounding_mode="trunc"),
    "mul_wide_scalar": lambda a, b: a * torch.tensor(0.1),
    "mul_tensors": lambda a, b: a * b, "addcmul": lambda a, b: torch.addcmul(a, a, b, value=0.3),
    "addcdiv": lambda a, b: torch.addcdiv(a, a, b, value=0.3), "lerp": lambda a, b: torch.lerp(a, b, 0.3),
    "hypot": torch.hypot,
}


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", HALVES)
def test_halves_are_rounded_where_pytorch_rounds_them(slipway, tmp_path, name, half):
    def function(a, b):  # files of arrays have no bfloat16
        return HALVES[name](a.to(half), b.to(half)).float()
    inputs = exported_case.make("f32[4000]:0.05..4 f32[4000]:0.1..3")
    program = torch.export.export(exported_case.module_of(function, 2), tuple(inputs))
    torch.export.save(program, tmp_path / "program.pt2")
    slipway.start("convert", tmp_path / "program.pt2", "-o", tmp_path / "model.onnx")
    given = {name: array.numpy() for name, array in zip("ab", inputs)}
    used = exported_case.used_inputs(tmp_path / "model.onnx")
    (actual,) = slipway.run_tensors(tmp_path / "model.onnx", {a: given[a] for a in given if a in used}).values()
    numpy.testing.assert_array_equal(actual, function(*inputs).numpy())
