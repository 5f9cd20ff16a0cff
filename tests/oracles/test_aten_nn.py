"""PyTorch's layers: what `slipway convert` makes of each, against PyTorch and ONNX Runtime."""

import itertools

import exported_case
import pytest
import torch
from exported_case import Case
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

IMAGE = "f32[2,4,9,11]"
OTHER_IMAGE = "f32[3,4,12,7]"
LINE, OTHER_LINE = "f32[2,4,13]", "f32[3,4,16]"
VOLUME = "f32[2,4,5,6,7]"

pytestmark = pytest.mark.long


def with_numbers(module):
    """The module with running statistics, scales and shifts that are not what they begin with."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in itertools.chain(module.named_parameters(), module.named_buffers()):
        if tensor.is_floating_point():
            values = torch.rand(tensor.shape, generator=generator) + 0.5
            tensor.data = values if name.endswith("var") else values - 0.8
    return module


ACTIVATIONS = [
    *[Case(type(layer).__name__ + str(place), "f32[4,50]", layer, "f32[3,40]") for place, layer in enumerate([
        nn.ReLU(), nn.ReLU6(), nn.Hardtanh(), nn.Hardtanh(-0.3, 0.7), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(),
        nn.GELU(), nn.GELU("tanh"), nn.Hardswish(), nn.Hardsigmoid(), nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.RReLU(),
        nn.ELU(), nn.ELU(0.4), nn.SELU(), nn.CELU(), nn.CELU(0.4), nn.Softplus(), nn.Softplus(2.0),
        nn.Softplus(1.0, 0.5), nn.Softplus(3.0, 1.0), nn.Softsign(), nn.Tanhshrink(), nn.LogSigmoid(),
        nn.Hardshrink(), nn.Hardshrink(0.2), nn.Softshrink(), nn.Softshrink(0.2), nn.Threshold(0.1, 0.0),
        nn.Threshold(0.1, 20.0), nn.Threshold(0.0, 0.0), nn.GLU(), nn.Softmax(-1), nn.Softmax(0),
        nn.LogSoftmax(1), nn.LogSoftmax(0), nn.Softmin(1), nn.PReLU(), nn.Dropout(0.4), nn.AlphaDropout(0.4),
        nn.FeatureAlphaDropout(0.4), nn.Identity()])],
    Case("prelu_channels", IMAGE, nn.PReLU(4, 0.3), OTHER_IMAGE),
    Case("prelu_flat", "f32[3,4]", with_numbers(nn.PReLU(4)), "f32[5,4]"),
    Case("prelu_line", LINE, with_numbers(nn.PReLU(4)), OTHER_LINE),
    Case("glu_first", "f32[4,5]", nn.GLU(0)),
    Case("sigmoid_int", "i64[9]", lambda a: (torch.sigmoid(a), torch.tanh(a))),
    Case("softmax_type", "f16[3,5]", lambda a: (torch.softmax(a, 1, torch.float32), a.log_softmax(0, torch.float64))),
    Case("softmax_int", "i64[3,5]", lambda a: torch.softmax(a, 1, torch.float32)),
    Case("softmax_four", IMAGE, lambda a: (a.softmax(1), a.softmax(2), a.softmax(3), a.log_softmax(1)), OTHER_IMAGE),
    Case("dropout2d", IMAGE, nn.Dropout2d(0.3)),
    Case("activations_f16", "f16[50]", lambda a: (F.gelu(a), F.silu(a), F.hardswish(a), F.elu(a), F.softplus(a))),
    Case("activations_f64", "f64[50]", lambda a: (F.gelu(a), F.silu(a), F.celu(a, 0.3), F.selu(a), F.softplus(a, 2))),
]


def conv(layer, *arguments, **options):
    return with_numbers(layer(*arguments, **options))


CONVOLUTIONS = [
    *[Case("conv1d" + str(place), LINE, conv(nn.Conv1d, 4, 6, 3, **options), OTHER_LINE)
      for place, options in enumerate([{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2, "bias": False}])],
    *[Case("conv2d" + str(place), IMAGE, conv(nn.Conv2d, 4, 8, *kernel, **options), OTHER_IMAGE)
      for place, (kernel, options) in enumerate([
          ((3,), {}), (((3, 2),), {"stride": (2, 1), "padding": (1, 0)}), ((3,), {"padding": "same"}),
          ((4,), {"padding": "same"}), (((2, 5),), {"padding": "same", "dilation": (3, 1)}),
          ((3,), {"padding": "valid"}), ((3,), {"groups": 4, "padding": 1}), ((3,), {"groups": 2, "dilation": 2}),
          ((3,), {"padding": 2, "padding_mode": "reflect"}), ((3,), {"padding": 1, "padding_mode": "circular"}),
          ((3,), {"padding": 1, "padding_mode": "replicate", "bias": False}), ((1,), {})])],
    *[Case("conv3d" + str(place), VOLUME, conv(nn.Conv3d, 4, 2, (1, 3, 2), **options))
      for place, options in enumerate([{}, {"padding": "same"}, {"stride": 2, "padding": 1, "padding_mode": "zeros"}])],
    Case("conv_unbatched", "f32[4,9,11]", conv(nn.Conv2d, 4, 3, 3)),
    Case("conv1d_unbatched", "f32[4,9]", conv(nn.Conv1d, 4, 3, 3)),
    Case("conv_computed_weight", "f32[2,4,9,9] f32[3,4,3,3]", lambda a, b: F.conv2d(a, b * 2, padding=1),
         "f32[3,4,7,9] f32[5,4,2,2]"),
    *[Case("conv_transpose2d" + str(place), IMAGE, conv(nn.ConvTranspose2d, 4, 6, 3, **options), OTHER_IMAGE)
      for place, options in enumerate([
          {}, {"stride": 2}, {"stride": 2, "padding": 1, "output_padding": 1}, {"groups": 2, "bias": False},
          {"stride": (3, 2), "output_padding": (2, 0), "dilation": (1, 2), "padding": (0, 1)}])],
    Case("conv_transpose1d", LINE, conv(nn.ConvTranspose1d, 4, 2, 4, stride=2), OTHER_LINE),
    Case("conv_transpose3d", VOLUME, conv(nn.ConvTranspose3d, 4, 2, 2, stride=2)),
    Case("conv_transpose_unbatched", "f32[4,9,11]", conv(nn.ConvTranspose2d, 4, 3, 3)),
    Case("conv_f64", "f64[1,2,6,6] f64[3,2,3,3]", F.conv2d),
    Case("conv_tbc", "f32[9,2,4] f32[3,4,5] f32[5]", lambda a, b, c: torch.conv_tbc(a, b, c, 1)),
    Case("conv_norm", IMAGE, nn.Sequential(conv(nn.Conv2d, 4, 6, 3), with_numbers(nn.BatchNorm2d(6)), nn.ReLU()),
         OTHER_IMAGE),
]

def train_norm(image, mean, variance):
    """A norm in training: its result, and what its running statistics have become."""
    mean, variance = mean.clone(), variance.clone()
    return F.batch_norm(image, mean, variance, training=True, momentum=0.3), mean, variance


NORMS = [
    Case("batch_norm", IMAGE, with_numbers(nn.BatchNorm2d(4)), OTHER_IMAGE),
    Case("batch_norm_plain", IMAGE, with_numbers(nn.BatchNorm2d(4, affine=False, eps=1e-3)), OTHER_IMAGE),
    Case("batch_norm_flat", "f32[5,4]", with_numbers(nn.BatchNorm1d(4)), "f32[3,4]"),
    Case("batch_norm_line", LINE, with_numbers(nn.BatchNorm1d(4)), OTHER_LINE),
    Case("batch_norm_volume", VOLUME, with_numbers(nn.BatchNorm3d(4))),
    Case("batch_norm_no_stats", IMAGE, with_numbers(nn.BatchNorm2d(4, track_running_stats=False)), OTHER_IMAGE),
    Case("batch_norm_one", "f32[1,6,20]", lambda a: F.batch_norm(a, None, None, training=True, eps=1e-8)),
    Case("batch_norm_one_scaled", "f32[1,6,20] f32[6]", lambda a, b: F.batch_norm(a, None, None, b, training=True)),
    Case("batch_norm_flat_no_stats", "f32[5,4]", lambda a: F.batch_norm(a, None, None, training=True)),
    Case("batch_norm_training", IMAGE + " f32[4] f32[4]:0..1", train_norm, OTHER_IMAGE + " f32[4] f32[4]:0..1"),
    Case("batch_norm_training_flat", "f32[5,4] f32[4] f32[4]:0..1", train_norm),
    Case("instance_norm", IMAGE, with_numbers(nn.InstanceNorm2d(4, affine=True)), OTHER_IMAGE),
    Case("instance_norm_plain", IMAGE, nn.InstanceNorm2d(4), OTHER_IMAGE),
    Case("instance_norm_tracked", IMAGE, with_numbers(nn.InstanceNorm2d(4, affine=True, track_running_stats=True)),
         OTHER_IMAGE),
    Case("instance_norm_line", LINE, nn.InstanceNorm1d(4, eps=1e-3), OTHER_LINE),
    *[Case("group_norm" + str(place), sizes, layer, other) for place, (sizes, layer, other) in enumerate([
        (IMAGE, with_numbers(nn.GroupNorm(2, 4)), OTHER_IMAGE), (IMAGE, nn.GroupNorm(1, 4, affine=False), OTHER_IMAGE),
        (IMAGE, with_numbers(nn.GroupNorm(4, 4, eps=1e-3)), OTHER_IMAGE), (LINE, nn.GroupNorm(2, 4), OTHER_LINE),
        ("f32[3,4]", with_numbers(nn.GroupNorm(2, 4)), "f32[5,4]"), (VOLUME, nn.GroupNorm(2, 4), "")])],
    *[Case("layer_norm" + str(place), "f32[3,5,8]", layer, "f32[2,5,8]") for place, layer in enumerate([
        with_numbers(nn.LayerNorm(8)), with_numbers(nn.LayerNorm(8, bias=False)), nn.LayerNorm(8, 1e-3, False),
        with_numbers(nn.LayerNorm((5, 8))), nn.LayerNorm((5, 8), elementwise_affine=False)])],
    Case("native_layer_norm", "f32[3,8] f32[8]", lambda a, b: torch.native_layer_norm(a, [8], b, None, 1e-5)),
    Case("layer_norm_f16", "f16[3,8]", nn.LayerNorm(8).half(), ort=False),
    *[Case("rms_norm" + str(place), "f32[3,5,8]", layer, "f32[2,5,8]") for place, layer in enumerate([
        with_numbers(nn.RMSNorm(8)), with_numbers(nn.RMSNorm(8, eps=1e-3)), nn.RMSNorm(8, elementwise_affine=False),
        with_numbers(nn.RMSNorm((5, 8)))])],
    Case("local_response_norm", IMAGE, nn.LocalResponseNorm(3), OTHER_IMAGE),
    Case("local_response_norm_even", IMAGE, nn.LocalResponseNorm(2, 0.1, 0.5, 2), OTHER_IMAGE),
    Case("weight_norm", "f32[3,5]", nn.utils.parametrizations.weight_norm(nn.Linear(5, 4)), "f32[2,5]"),
    Case("weight_norm_conv", IMAGE, nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 3, 3), dim=1), OTHER_IMAGE),
    Case("spectral_norm", "f32[3,5]", nn.utils.parametrizations.spectral_norm(nn.Linear(5, 4))),
    Case("normalize", "f32[3,5]", lambda a: (F.normalize(a), F.normalize(a, 1, 0)), "f32[4,6]"),
]


def pools(axes, sizes, others):
    """Pools over so many axes, in all their options."""
    max_pool, avg_pool = getattr(F, f"max_pool{axes}d"), getattr(F, f"avg_pool{axes}d")
    windows = [{"kernel_size": 2}, {"kernel_size": 3, "stride": 2}, {"kernel_size": 3, "stride": 2, "padding": 1},
               {"kernel_size": 3, "stride": 3, "ceil_mode": True}, {"kernel_size": 2, "stride": 3, "ceil_mode": True},
               {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
               {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True},
               {"kernel_size": 4, "stride": 1, "padding": 2}]
    open_sizes = others if axes > 1 else ""  # PyTorch itself fixes the size that max_pool1d is given
    cases = []
    for place, options in enumerate(windows):
        cases.append(Case(f"max_pool{axes}d{place}", sizes, lambda a, o=options: max_pool(a, **o), open_sizes))
        for counted in (True, False):
            chosen = dict(options, count_include_pad=counted)
            cases.append(Case(f"avg_pool{axes}d{place}{counted}", sizes, lambda a, o=chosen: avg_pool(a, **o), others))
        if axes > 1:
            chosen = dict(options, divisor_override=5)
            static_only = options.get("ceil_mode", False)
            cases.append(Case(f"avg_pool{axes}d{place}_divisor", sizes, lambda a, o=chosen: avg_pool(a, **o),
                              "" if static_only else others))
    cases.append(Case(f"max_pool{axes}d_dilated", sizes, lambda a: max_pool(a, 2, 1, 0, 2), open_sizes))
    cases.append(Case(f"max_pool{axes}d_dilated_ceil", sizes, lambda a: max_pool(a, 2, 3, 1, 2, True), open_sizes))
    cases.append(Case(f"max_pool{axes}d_indices", sizes,
                      lambda a: max_pool(a, 3, 2, 1, ceil_mode=True, return_indices=True), others))
    unbatched = sizes[:4] + sizes[6:]
    cases.append(Case(f"max_pool{axes}d_unbatched", unbatched, lambda a: max_pool(a, 3, 2, return_indices=True)))
    cases.append(Case(f"avg_pool{axes}d_unbatched", unbatched, lambda a: avg_pool(a, 3, 2)))
    return cases


def adaptive_pools(axes, sizes, others, counts):
    average, largest = getattr(F, f"adaptive_avg_pool{axes}d"), getattr(F, f"adaptive_max_pool{axes}d")
    cases = []
    for place, count in enumerate(counts):
        cases.append(Case(f"adaptive_avg_pool{axes}d{place}", sizes, lambda a, n=count: average(a, n), others))
        cases.append(Case(f"adaptive_max_pool{axes}d{place}", sizes, lambda a, n=count: largest(a, n), others))
        cases.append(Case(f"adaptive_max_pool{axes}d{place}_indices", sizes,
                          lambda a, n=count: largest(a, n, return_indices=True)))
    return cases


POOLS = [
    *pools(1, LINE, OTHER_LINE), *pools(2, IMAGE, OTHER_IMAGE), *pools(3, VOLUME, "f32[1,4,6,7,8]"),
    *adaptive_pools(1, LINE, OTHER_LINE, [1, 2, 5, 13, 20]),
    *adaptive_pools(2, "f32[2,3,12,10]", "f32[1,3,9,14]", [1, (3, 5), (4, 3), (5, 7), (12, 10), (1, 3), (7, 1), (14, 25)]),
    *adaptive_pools(3, "f32[2,3,5,6,7]", "f32[1,3,7,8,6]", [1, (2, 3, 4), (5, 2, 7), (1, 3, 7), (3, 1, 1)]),
    Case("adaptive_kept", IMAGE, nn.AdaptiveAvgPool2d((None, 3)), OTHER_IMAGE),
    Case("adaptive_unbatched", "f32[3,9,11]", lambda a: (F.adaptive_avg_pool2d(a, (2, 3)), F.adaptive_max_pool2d(a, 4))),
    Case("lp_pool", IMAGE, lambda a: (F.lp_pool2d(a.abs(), 2, 3, 2), F.lp_pool2d(a.abs(), 3, 2, ceil_mode=True))),
    Case("max_unpool2d", "f32[2,3,6,8]", lambda a: F.max_unpool2d(*F.max_pool2d(a, 2, return_indices=True), 2),
         "f32[1,3,4,10]"),
    Case("max_unpool2d_size", "f32[2,3,7,9]",
         lambda a: F.max_unpool2d(*F.max_pool2d(a, 2, return_indices=True), 2, output_size=(7, 9))),
    Case("max_unpool1d", "f32[2,3,8]", lambda a: F.max_unpool1d(*F.max_pool1d(a, 2, return_indices=True), 2)),
    Case("max_unpool3d", "f32[2,3,4,6,8]", lambda a: F.max_unpool3d(*F.max_pool3d(a, 2, return_indices=True), 2)),
]

LINEAR = [
    Case("linear", "f32[3,5]", nn.Linear(5, 4), "f32[7,5]"),
    Case("linear_plain", "f32[3,5]", nn.Linear(5, 4, bias=False), "f32[7,5]"),
    Case("linear_line", "f32[2,3,5]", nn.Linear(5, 4), "f32[4,2,5]"),
    Case("linear_plain_line", "f32[2,3,5]", nn.Linear(5, 4, bias=False), "f32[4,2,5]"),
    Case("linear_vector", "f32[5]", nn.Linear(5, 4)),
    Case("linear_row", "f32[3,5] f32[5]", F.linear, "f32[2,6] f32[6]"),
    Case("linear_f64", "f64[3,5] f64[4,5] f64[4]", F.linear),
    Case("bilinear", "f32[3,5] f32[3,6]", nn.Bilinear(5, 6, 4), "f32[2,5] f32[2,6]"),
    Case("bilinear_line", "f32[2,3,5] f32[2,3,6]", nn.Bilinear(5, 6, 4, bias=False)),
]

QKV = "f32[2,4,6,8] f32[2,4,10,8] f32[2,4,10,5]"
OTHER_QKV = "f32[1,4,3,8] f32[1,4,7,8] f32[1,4,7,5]"


def attend(**options):
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options)


def attend_masked(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, mask)


ATTENTION = [
    Case("attention", QKV, attend(), OTHER_QKV),
    Case("attention_scale", QKV, attend(scale=0.3), OTHER_QKV),
    Case("attention_causal", QKV, attend(is_causal=True), OTHER_QKV),
    Case("attention_causal_square", "f32[2,3,6,8] f32[2,3,6,8] f32[2,3,6,8]", attend(is_causal=True),
         "f32[1,3,9,8] f32[1,3,9,8] f32[1,3,9,8]"),
    Case("attention_bool", QKV + " bool[6,10]", lambda q, k, v, m: attend_masked(q, k, v, m.logical_or(m.new_ones(m.shape[1]))),
         OTHER_QKV + " bool[3,7]", decomposed=False),
    Case("attention_mask", QKV + " f32[6,10]", attend_masked, OTHER_QKV + " f32[3,7]"),
    Case("attention_mask_four", QKV + " f32[2,1,6,10]", attend_masked, OTHER_QKV + " f32[1,1,3,7]"),
    Case("attention_mask_heads", QKV + " f32[4,6,10]", attend_masked, OTHER_QKV + " f32[4,3,7]"),
    Case("attention_mask_row", QKV + " f32[2,1,1,10]", attend_masked, OTHER_QKV + " f32[1,1,1,7]"),
    Case("attention_mask_column", QKV + " f32[2,4,6,1]", attend_masked),
    Case("attention_three", "f32[2,6,8] f32[2,10,8] f32[2,10,5]", attend(), "f32[3,4,8] f32[3,5,8] f32[3,5,5]"),
    Case("attention_three_mask", "f32[2,6,8] f32[2,10,8] f32[2,10,5] f32[2,6,10]", attend_masked),
    Case("attention_two", "f32[6,8] f32[10,8] f32[10,5]", attend()),
    Case("attention_five", "f32[2,3,4,6,8] f32[2,3,4,10,8] f32[2,3,4,10,5]", attend()),
    Case("attention_five_mask", "f32[2,3,4,6,8] f32[2,3,4,10,8] f32[2,3,4,10,5] f32[2,3,4,6,10]", attend_masked),
    Case("attention_grouped", "f32[2,6,5,8] f32[2,2,7,8] f32[2,2,7,8]", attend(enable_gqa=True),
         "f32[1,6,4,8] f32[1,2,3,8] f32[1,2,3,8]"),
    Case("attention_f16", "f16[2,4,6,8] f16[2,4,6,8] f16[2,4,6,8]", attend(), ort=False),
    Case("attention_all_masked", "f32[1,2,3,8] f32[1,2,4,8] f32[1,2,4,8] bool[3,4]", lambda q, k, v, m: attend_masked(
        q, k, v, m.logical_and(torch.tensor([[True], [False], [True]])))),
    Case("attention_constant_mask", "f32[1,2,3,8] f32[1,2,4,8] f32[1,2,4,8]", lambda q, k, v: attend_masked(
        q, k, v, torch.tensor([[True, False, True, True], [False] * 4, [True] * 4]))),
    Case("multi_head", "f32[2,6,16]", lambda a, m=nn.MultiheadAttention(16, 4, batch_first=True).eval(): m(a, a, a)[0]),
]


class SelfAttention(nn.Module):
    def __init__(self, weights, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, **options)
        self.weights = weights

    def forward(self, tokens):
        result = self.attention(tokens, tokens, tokens, need_weights=self.weights)
        return result if self.weights else result[0]


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, tokens, padding):
        return self.attention(tokens, tokens, tokens, key_padding_mask=padding > 0, need_weights=False)[0]


ATTENTION += [
    *[Case(f"multi_head{weights}{place}", "f32[3,6,16]", SelfAttention(weights, **options), "f32[2,4,16]")
      for weights in (False, True)
      for place, options in enumerate([{}, {"batch_first": True}, {"bias": False}, {"add_bias_kv": True},
                                       {"add_zero_attn": True, "batch_first": True}])],
    Case("multi_head_padding", "f32[3,6,16] i64[3,6]:0..2", Masked(), "f32[2,6,16] i64[2,6]:0..2"),
    Case("encoder_layer", "f32[2,6,16]", nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), "f32[3,4,16]"),
    Case("encoder_layer_first", "f32[6,2,16]", nn.TransformerEncoderLayer(16, 4, 32, norm_first=True, activation="gelu"),
         "f32[4,3,16]"),
    Case("decoder_layer", "f32[2,6,16] f32[2,7,16]", nn.TransformerDecoderLayer(16, 4, 32, batch_first=True)),
]

EMBEDDINGS = [
    Case("embedding", "i64[3,4]:0..9", nn.Embedding(10, 5, padding_idx=0), "i64[2,6]:0..9"),
    Case("embedding_i32", "i32[4]:0..9", nn.Embedding(10, 5)),
    *[Case(f"embedding_bag_{mode}", "i64[3,4]:0..9", nn.EmbeddingBag(10, 5, mode=mode), "i64[2,6]:0..9", ort=mode != "max")
      for mode in ("sum", "mean", "max")],
    *[Case(f"embedding_bag_{mode}_padding", "i64[3,9]:0..2", nn.EmbeddingBag(3, 5, mode=mode, padding_idx=1), "",
           ort=mode != "max") for mode in ("sum", "mean", "max")],
    *[Case(f"embedding_bag_{mode}_offsets", "i64[9]:0..9", lambda a, m=mode: F.embedding_bag(
        a, torch.arange(50.0).reshape(10, 5) - 20, torch.tensor([0, 3, 3, 8]), mode=m), ort=mode != "max")
      for mode in ("sum", "mean", "max")],
    Case("embedding_bag_last", "i64[9]:0..9", lambda a: F.embedding_bag(
        a, torch.arange(50.0).reshape(10, 5), torch.tensor([0, 3, 5, 9]), mode="sum", include_last_offset=True)),
    Case("embedding_bag_weights", "i64[2,4]:0..9 f32[2,4]", lambda a, w: F.embedding_bag(
        a, torch.arange(50.0).reshape(10, 5), mode="sum", per_sample_weights=w)),
]


def resize(**options):
    return lambda a: F.interpolate(a, **options)


RESIZES = []
for mode, sizes, other, axes in [("nearest", LINE, OTHER_LINE, 1), ("nearest-exact", LINE, OTHER_LINE, 1),
                                 ("linear", LINE, OTHER_LINE, 1), ("nearest", IMAGE, OTHER_IMAGE, 2),
                                 ("nearest-exact", IMAGE, OTHER_IMAGE, 2), ("bilinear", IMAGE, OTHER_IMAGE, 2),
                                 ("bicubic", IMAGE, OTHER_IMAGE, 2), ("nearest", VOLUME, "f32[1,4,4,5,6]", 3),
                                 ("nearest-exact", VOLUME, "f32[1,4,4,5,6]", 3),
                                 ("trilinear", VOLUME, "f32[1,4,4,5,6]", 3)]:
    for place, options in enumerate([{"scale_factor": 2}, {"scale_factor": 0.5}, {"scale_factor": 1.7},
                                     {"scale_factor": 0.7}, {"scale_factor": 1 / 3}, {"scale_factor": 3},
                                     {"size": (14, 5, 9)[:axes]}, {"size": (3, 17, 21)[:axes]},
                                     {"scale_factor": 1.7, "recompute_scale_factor": True}]):
        aligned = [None] if mode.startswith("nearest") else [False, True]
        for align in aligned:
            chosen = options if align is None else dict(options, align_corners=align)
            RESIZES.append(Case(f"{mode}{axes}d{place}{align or ''}", sizes, resize(mode=mode, **chosen),
                                other if place in (0, 1, 2, 3, 6) else ""))
for place, options in enumerate([{"scale_factor": 0.5}, {"size": (4, 5)}, {"size": (14, 5)}, {"scale_factor": 1.6},
                                 {"scale_factor": 0.37}]):
    for mode in ("bilinear", "bicubic"):
        RESIZES.append(Case(f"{mode}_aa{place}", "f32[1,3,13,17]", resize(mode=mode, antialias=True, **options)))
RESIZES += [
    *[Case(f"nearest_sizes{n}_{m}", f"f32[1,1,{n}]", lambda a, m=m, mode=mode: F.interpolate(a, m, mode=mode),
           decomposed=False) for mode in ("nearest", "nearest-exact")
      for n, m in [(3, 7), (7, 3), (49, 98), (5, 49), (100, 7), (6, 14), (41, 123), (13, 61), (224, 240), (97, 31)]],
    Case("resize_like", "f32[1,2,5,7] f32[1,2,9,8]", lambda a, b: F.interpolate(a, b.shape[2:], mode="bilinear"),
         "f32[1,2,6,4] f32[1,2,3,11]"),
    Case("resize_double", "f32[1,2,5,7]", lambda a: F.interpolate(a, (a.shape[2] * 2, a.shape[3] * 2)), "f32[1,2,6,4]"),
    Case("resize_same", IMAGE, lambda a: F.interpolate(a, a.shape[2:], mode="bilinear"), OTHER_IMAGE),
    Case("upsample_align", IMAGE, nn.UpsamplingBilinear2d(scale_factor=2), OTHER_IMAGE),
]

GRIDS = [
    *[Case(f"grid_sample_{mode}_{padding}{align}", "f32[2,3,5,6] f32[2,4,7,2]", lambda a, g, o=(mode, padding, align):
           F.grid_sample(a, g, *o), "f32[1,3,6,4] f32[1,3,5,2]" if mode == "bilinear" else "", decomposed=mode != "bicubic")
      for mode in ("bilinear", "nearest", "bicubic") for padding in ("zeros", "border", "reflection")
      for align in (False, True)],
    *[Case(f"grid_sample_3d_{mode}", "f32[2,3,4,5,6] f32[2,3,4,2,3]", lambda a, g, m=mode:
           F.grid_sample(a, g, m, align_corners=True)) for mode in ("bilinear", "nearest")],
    *[Case(f"affine_grid{align}", "f32[2,2,3]", lambda t, a=align: F.affine_grid(t, (2, 3, 4, 5), align_corners=a))
      for align in (False, True)],
    Case("affine_grid_3d", "f32[2,3,4]", lambda t: F.affine_grid(t, (2, 3, 4, 5, 6), align_corners=True)),
]

PIXELS = [
    Case("pixel_shuffle", "f32[2,12,3,4]", nn.PixelShuffle(2), "f32[1,12,5,2]"),
    Case("pixel_shuffle_flat", "f32[12,3,4]", nn.PixelShuffle(2)),
    Case("pixel_shuffle_five", "f32[2,3,12,3,4]", nn.PixelShuffle(2)),
    Case("pixel_unshuffle", "f32[2,3,4,6]", nn.PixelUnshuffle(2), "f32[1,3,8,2]"),
    Case("pixel_unshuffle_one", "f32[2,1,4,6]", nn.PixelUnshuffle(2)),
    Case("pixel_unshuffle_flat", "f32[3,4,6]", nn.PixelUnshuffle(2)),
    Case("channel_shuffle", "f32[2,6,3,4]", nn.ChannelShuffle(3), "f32[1,6,5,2]"),
    Case("channel_shuffle_line", "f32[2,6,3]", nn.ChannelShuffle(2)),
    *[Case(f"unfold{place}", "f32[2,3,8,12]", nn.Unfold(*options), "f32[1,3,4,16]") for place, options in enumerate([
        (2,), (4, 1, 0, 4), ((2, 3), 1, 0, (2, 3)), (3, 1, 1, 2), ((3, 2), (2, 1), (2, 0), (1, 3)), (3, 1, 1)])],
    Case("unfold_flat", "f32[3,8,12]", nn.Unfold(3, padding=1)),
    *[Case(f"fold{place}", sizes, nn.Fold(*options), "") for place, (sizes, options) in enumerate([
        ("f32[2,12,12]", ((4, 5), 2)), ("f32[2,27,16]", ((7, 7), 3, 1, 1, 2)), ("f32[12,12]", ((4, 5), 2)),
        ("f32[1,18,15]", ((5, 7), (3, 2), (1, 2), 0))])],
]

PADS = [
    *[Case(f"pad_{mode}{place}", IMAGE, lambda a, p=pads, m=mode: F.pad(a, p, m), OTHER_IMAGE)
      for mode in ("constant", "reflect", "replicate", "circular")
      for place, pads in enumerate([(1, 2), (1, 2, 3, 0), (0, 0, 0, 4), (-1, 2, 0, -2), (-1, -2)])
      if not (len(pads) == 2 and mode != "constant")],
    *[Case(f"pad_line_{mode}", LINE, lambda a, m=mode: F.pad(a, (2, 3), m), OTHER_LINE)
      for mode in ("reflect", "replicate", "circular")],
    *[Case(f"pad_volume_{mode}", VOLUME, lambda a, m=mode: F.pad(a, (1, 2, 3, 1, 0, 2), m))
      for mode in ("reflect", "replicate", "circular")],
    Case("pad_value", "f32[3,4]", lambda a: (F.pad(a, (1, 0, 2, 1), value=-1.5), F.pad(a, (1, 1), value=-float("inf"))),
         "f32[5,2]"),
    Case("pad_nothing", IMAGE, lambda a: F.pad(a, (0, 0, 0, 0))),
    Case("pad_int", "i64[3,4]", lambda a: F.pad(a, (1, 2), value=7)),
    Case("pad_bool", "bool[3,4]", lambda a: F.pad(a, (1, 2), value=True)),
    Case("pad_cut", IMAGE, lambda a: F.pad(a, (-2, 0, 0, -3)), OTHER_IMAGE),
    Case("pad_whole", "f32[1,2,8,8]", lambda a: F.pad(a, (0, -a.shape[3] % 8, 0, -a.shape[2] % 8)), "f32[1,2,5,13]",
         decomposed=False),
    Case("pad_to_multiple", "f32[1,2,6,7]", lambda a: F.pad(a, (0, (8 - a.shape[3] % 8) % 8, 0, a.shape[2])),
         "f32[1,2,5,13]"),
    Case("zero_pad", IMAGE, nn.ZeroPad2d(2)), Case("constant_pad", IMAGE, nn.ConstantPad2d((1, 2, 0, 1), 3.5)),
]


def recurrent(layer, sizes, **options):
    return [Case(f"{layer.__name__}{sizes}{place}", sizes, with_numbers(layer(5, 4, **chosen)), other)
            for place, (chosen, other) in enumerate(options["forms"])]


# PyTorch fixes the number of tokens.
FORMS = [({}, "f32[6,2,5]"), ({"num_layers": 2}, ""), ({"bidirectional": True}, "f32[6,2,5]"),
         ({"batch_first": True, "num_layers": 2, "bidirectional": True}, "f32[4,3,5]"), ({"bias": False}, "")]

RECURRENT = [
    *[case for layer in (nn.LSTM, nn.GRU, nn.RNN) for case in recurrent(layer, "f32[6,3,5]", forms=FORMS)],
    Case("rnn_relu", "f32[6,3,5]", with_numbers(nn.RNN(5, 4, nonlinearity="relu", bidirectional=True))),
    *[Case(f"{layer.__name__}_flat", "f32[6,5]", with_numbers(layer(5, 4, 2))) for layer in (nn.LSTM, nn.GRU, nn.RNN)],
    *[Case(f"lstm_projected{place}", "f32[6,3,5]", with_numbers(nn.LSTM(5, 4, proj_size=3, **options)), other)
      for place, (options, other) in enumerate(FORMS)],
    Case("lstm_projected_state", "f32[6,3,5] f32[2,3,2] f32[2,3,4]",
         lambda a, h, c, m=with_numbers(nn.LSTM(5, 4, bidirectional=True, proj_size=2)): m(a, (h, c)), decomposed=False),
    Case("lstm_projected_flat", "f32[6,5]", with_numbers(nn.LSTM(5, 4, proj_size=2))),
    Case("gru_state", "f32[6,3,5] f32[2,3,4]", with_numbers(nn.GRU(5, 4, bidirectional=True)), "f32[6,2,5] f32[2,2,4]"),
    Case("gru_state_layers", "f32[6,3,5] f32[4,3,4]", with_numbers(nn.GRU(5, 4, 2, bidirectional=True))),
    Case("lstm_state", "f32[6,3,5] f32[1,3,4] f32[1,3,4]",
         lambda a, h, c, m=with_numbers(nn.LSTM(5, 4)): m(a, (h, c)), decomposed=False),
    Case("lstm_cell", "f32[3,5]", with_numbers(nn.LSTMCell(5, 4)), "f32[2,5]"),
    Case("lstm_cell_flat", "f32[5]", with_numbers(nn.LSTMCell(5, 4))),
    Case("gru_cell", "f32[3,5] f32[3,4]", with_numbers(nn.GRUCell(5, 4)), "f32[2,5] f32[2,4]"),
    Case("rnn_cell", "f32[3,5] f32[3,4]", with_numbers(nn.RNNCell(5, 4))),
    Case("rnn_cell_relu", "f32[3,5] f32[3,4]", with_numbers(nn.RNNCell(5, 4, bias=False, nonlinearity="relu"))),
]

PAIR = "f32[6,5] f32[6,5]"
CLASSES = "f32[6,5] i64[6]:0..4"
REDUCTIONS = ("mean", "sum", "none")
LOSSES = [
    *[Case(f"{name}_{reduction}", PAIR, lambda a, b, f=getattr(F, name), r=reduction, o=options: f(a, b, reduction=r, **o),
           "f32[4,3] f32[4,3]")
      for name, options in [("mse_loss", {}), ("l1_loss", {}), ("smooth_l1_loss", {"beta": 0.7}), ("huber_loss", {}),
                            ("huber_loss", {"delta": 0.4}), ("soft_margin_loss", {})] for reduction in REDUCTIONS],
    *[Case(f"bce_{reduction}", "f32[6,5]:0..1 f32[6,5]:0..1", lambda a, b, r=reduction: F.binary_cross_entropy(
        a, b, reduction=r)) for reduction in REDUCTIONS],
    Case("bce_weight", "f32[6,5]:0..1 f32[6,5]:0..1 f32[5]", F.binary_cross_entropy),
    Case("bce_logits", PAIR, F.binary_cross_entropy_with_logits),
    Case("bce_logits_weights", PAIR + " f32[5]:0..2 f32[5]:0..2", lambda a, b, w, p: F.binary_cross_entropy_with_logits(
        a, b, w, pos_weight=p, reduction="sum")),
    *[Case(f"kl_div_{reduction}", "f32[6,5] f32[6,5]:0..1", lambda a, b, r=reduction: (
        F.kl_div(a, b, reduction=r), F.kl_div(a, b, reduction=r, log_target=True)))
      for reduction in (*REDUCTIONS, "batchmean")],
    *[Case(f"cross_entropy_{reduction}", CLASSES, lambda a, b, r=reduction: F.cross_entropy(a, b, reduction=r),
           "f32[3,5] i64[3]:0..4") for reduction in REDUCTIONS],
    Case("cross_entropy_weight", CLASSES + " f32[5]:0..2", lambda a, b, w: F.cross_entropy(a, b, w, ignore_index=2)),
    Case("cross_entropy_image", "f32[2,5,3,4] i64[2,3,4]:0..4", F.cross_entropy),
    Case("cross_entropy_one", "f32[5] i64[]:0..4", F.cross_entropy),
    Case("cross_entropy_soft", "f32[6,5] f32[6,5]:0..1 f32[5]:0..2", lambda a, b, w: (
        F.cross_entropy(a, b), F.cross_entropy(a, b, w, reduction="sum"), F.cross_entropy(a, b, label_smoothing=0.2))),
    *[Case(f"nll_{reduction}", CLASSES, lambda a, b, r=reduction: F.nll_loss(a, b, reduction=r, ignore_index=1))
      for reduction in REDUCTIONS],
    Case("nll_image", "f32[2,5,3,4] i64[2,3,4]:0..4", F.nll_loss),
]

DISTANCES = [
    Case("cosine_similarity", PAIR, lambda a, b: (F.cosine_similarity(a, b), F.cosine_similarity(a, b, 0)), "f32[4,3] f32[4,3]"),
    Case("pairwise_distance", PAIR, lambda a, b: (F.pairwise_distance(a, b), F.pairwise_distance(a, b, 1, keepdim=True),
                                                 F.pairwise_distance(a, b, float("inf")))),
    *[Case(f"cdist{p}", "f32[2,6,5] f32[2,7,5]", lambda a, b, p=p: torch.cdist(a, b, p), "f32[1,4,3] f32[1,2,3]")
      for p in (0.0, 1.0, 2.0, 3.0, float("inf"))],
    *[Case(f"pdist{p}", "f32[6,5]", lambda a, p=p: F.pdist(a, p)) for p in (0.0, 1.0, 2.0, 3.0, float("inf"))],
    Case("cdist_many", "f32[40,5] f32[7,5]", torch.cdist, "f32[30,5] f32[40,5]"),
]

def halves(module):
    return module.half()


HALVES = [
    *[Case(f"{name}_f16", sizes, halves(with_numbers(layer)), other, ort=False) for name, sizes, layer, other in [
        ("linear", "f16[3,50]", nn.Linear(50, 4), "f16[7,50]"), ("conv", "f16[2,4,9,11]", nn.Conv2d(4, 8, 3, padding=1), ""),
        ("batch_norm", "f16[2,4,9,11]", nn.BatchNorm2d(4), ""), ("group_norm", "f16[2,4,9,11]", nn.GroupNorm(2, 4), ""),
        ("rms_norm", "f16[3,5,8]", nn.RMSNorm(8), ""), ("prelu", "f16[2,4,9]", nn.PReLU(4), "")]],
    *[Case(f"{name}_f16", "f16[4,50]", function, ort=False) for name, function in [
        ("softmax", lambda a: (a.softmax(1), a.log_softmax(0))), ("mish", F.mish), ("gelu_tanh", nn.GELU("tanh")),
        ("moments", lambda a: (a.mean(1), a.sum(0), a.var(1), a.std(0), a.norm(dim=1))),
        ("math", lambda a: (a.exp(), a.sin(), a.tanh(), a.sigmoid(), a.abs().sqrt(), a.abs().log1p(), a.erf()))]],
    Case("pools_f16", "f16[2,4,9,11]", lambda a: (F.avg_pool2d(a, 3, 2, 1), F.adaptive_avg_pool2d(a, (2, 3))), ort=False),
    Case("resize_f16", "f16[2,4,9,11]", lambda a: F.interpolate(a, scale_factor=2, mode="bilinear"), ort=False),
]

QUANTIZED = [
    Case("fake_quantize", "f32[4,5]", lambda a: (torch.fake_quantize_per_tensor_affine(a, 0.1, 3, 0, 255),
                                                torch.fake_quantize_per_tensor_affine(a, 0.1, 0, -8, 7))),
    Case("fake_quantize_channels", "f32[4,5]", lambda a: torch.fake_quantize_per_channel_affine(
        a, torch.tensor([0.1, 0.2, 0.05, 0.3]), torch.tensor([0, 3, -4, 1], dtype=torch.int32), 0, -128, 127)),
    Case("fake_quantize_parameters", "f32[4,5] f32[1]:0.1..0.2 i32[1]:0..4", lambda a, scale, zero: (
        torch.fake_quantize_per_tensor_affine(a, scale, zero, 0, 255))),
    Case("fake_quantize_enabled", "f32[4,5]:-3..3 f32[1]:0.1..0.2 i64[1]:0..1 i64[1]:1..2", lambda a, scale, off, on: (
        *[out for enabled in (off, on) for out in
          torch.ops.aten._fake_quantize_per_tensor_affine_cachemask_tensor_qparams(
              a, scale, torch.tensor([2], dtype=torch.int32), enabled, -8, 7)],)),
    Case("fake_quantize_masks", "f32[4,5]:-3..3", lambda a: (
        *torch.ops.aten.fake_quantize_per_tensor_affine_cachemask(a, 0.1, 3, -8, 7),
        *torch.ops.aten.fake_quantize_per_channel_affine_cachemask(
            a, torch.tensor([0.1, 0.2, 0.05, 0.3]), torch.tensor([0, 3, -4, 1], dtype=torch.int32), 0, -8, 7))),
]

CASES = (ACTIVATIONS + CONVOLUTIONS + NORMS + POOLS + LINEAR + ATTENTION + EMBEDDINGS + RESIZES + GRIDS + PIXELS + PADS
         + RECURRENT + LOSSES + DISTANCES + HALVES + QUANTIZED)


@pytest.mark.parametrize(("case", "dialect", "dynamic"), exported_case.parametrised(CASES))
def test_layer(slipway, tmp_path, case, dialect, dynamic):
    exported_case.check(slipway, tmp_path, case, dialect, dynamic)


REFUSED = [
    ("dropout", lambda a: F.dropout(a, 0.5, True), "eval()"),
    ("rrelu", lambda a: F.rrelu(a, training=True), "eval()"),
    ("attention_dropout", lambda a: F.scaled_dot_product_attention(a, a, a, dropout_p=0.1), "eval()"),
    ("fractional_pool", lambda a: F.fractional_max_pool2d(a, 2, 3), "fractional_max_pool2d"),
    ("lanczos", lambda a: torch.ops.aten._upsample_lanczos2d_aa.vec(a, [3, 3], False, None), "not converted"),
]


@pytest.mark.parametrize(("function", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusal(slipway, tmp_path, function, words):
    module = exported_case.module_of(function, 1)
    program = torch.export.export(module, tuple(exported_case.make("f32[1,4,9,9]")))
    torch.export.save(program, tmp_path / "program.pt2")
    done = slipway.attempt("convert", tmp_path / "program.pt2", "-o", tmp_path / "model.onnx")
    assert done.returncode == 1
    assert words in done.stderr
