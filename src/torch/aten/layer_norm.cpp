// Normalisation over the last axes, and over groups of channels.
#include <limits>

#include "torch/aten/normalization.hpp"

namespace slipway::torch::aten {
namespace {

// The axes that normalized_shape speaks of, counted from behind: -1 is ONNX's default.
Attributes over_last_axes(const Conversion& c, double epsilon) {
  Attributes attributes = epsilon_attribute(epsilon);
  const auto axes = static_cast<int64_t>(c.dims("normalized_shape").size());
  if (axes != 1) attributes.emplace_back("axis", -axes);
  return attributes;
}

double smallest_step(DataType type) {
  switch (type) {
    case DataType::kDouble:
      return std::numeric_limits<double>::epsilon();
    case DataType::kFloat16:
      return 0x1p-10;
    case DataType::kBfloat16:
      return 0x1p-7;
    default:
      return double{std::numeric_limits<float>::epsilon()};
  }
}

}  // namespace

// layer_norm, native_layer_norm: also the mean, and one through the deviation
void convert_layer_norm(Conversion& c) {
  const Shape sizes = c.dims("normalized_shape");
  Value* bias = c.optional_tensor("bias");
  const size_t results = c.is_used(2) ? 3 : c.is_used(1) ? 2 : 1;
  const auto made =
      c.emit_several("LayerNormalization", {c.tensor("input"), given_or_filled(c, "weight", sizes, 1), bias},
                     results, over_last_axes(c, c.number("eps", 1e-5)));
  for (size_t i = 0; i < results; ++i) c.result(i, made[i]);
}

// rms_norm, _fused_rms_norm
void convert_rms_norm(Conversion& c) {
  require_first_result_only(c);
  const double epsilon = c.number("eps", smallest_step(c.meta("input").type));
  const Shape sizes = c.dims("normalized_shape");
  c.result(c.emit("RMSNormalization", {c.tensor("input"), given_or_filled(c, "weight", sizes, 1)},
                  over_last_axes(c, epsilon)));
}

// group_norm, native_group_norm
void convert_group_norm(Conversion& c) {
  require_first_result_only(c);
  const int64_t groups = c.has("num_groups") ? c.integer("num_groups") : c.integer("group");
  const Shape& sizes = c.meta("input").sizes;
  if (sizes.size() < 2) c.refuse("its input has no channels");
  Attributes attributes = epsilon_attribute(c.number("eps", 1e-5));
  attributes.emplace_back("num_groups", groups);
  Value* input = c.tensor("input");
  // ONNX wants something behind the channels.
  const bool flat = sizes.size() == 2;
  if (flat) input = c.emit("Unsqueeze", {input, c.ints({2})});
  Value* output =
      c.emit("GroupNormalization",
             {input, given_or_filled(c, "weight", {sizes[1]}, 1), given_or_filled(c, "bias", {sizes[1]}, 0)},
             attributes);
  c.result(flat ? c.emit("Squeeze", {output, c.ints({2})}) : output);
}

// _weight_norm, _weight_norm_interface: v·g/|v|, the length taken of each slice along an axis, of all of v
// for -1; also the lengths
void convert_weight_norm(Conversion& c) {
  std::vector<int64_t> axes;
  const int64_t kept = c.integer("dim", 0);
  for (int64_t axis = 0; axis < c.rank("v"); ++axis)
    if (axis != kept || kept == -1) axes.push_back(axis);
  Value* v = c.tensor("v");
  Value* lengths = c.emit("ReduceL2", {v, c.ints(axes)});
  c.result(0, c.emit("Mul", {v, c.emit("Div", {c.tensor("g"), lengths})}));
  if (c.is_used(1)) c.result(1, lengths);
}

}  // namespace slipway::torch::aten
