// ConvTranspose: each input element is multiplied by the kernel, and what falls on the same place is added.
// Any number of spatial axes, groups, strides, dilations, padding.
#include <algorithm>

#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window_walk.hpp"

namespace slipway::ops {
namespace {

// The places of the result before anything is cut off, and what is cut off, along one axis.
struct Extent {
  Dim size;  // of the output
  int64_t pad_begin = 0;
};

// The pads that leave `wanted` of `uncut` places; an odd one is at the end for SAME_UPPER, otherwise at the
// beginning. Where more is wanted than there is, zeros follow.
Extent cut_to(const Dim& wanted, const Dim& uncut, bool upper) {
  Extent extent{wanted};
  if (!wanted.is_known() || !uncut.is_known()) return extent;
  const int64_t total = std::max<int64_t>(0, uncut.value() - wanted.value());
  extent.pad_begin = upper ? total / 2 : total - total / 2;
  return extent;
}

Extent cut_by(int64_t pad_begin, int64_t pad_end, const Dim& uncut) {
  const int64_t total = pad_begin + pad_end;
  if (uncut.is_known() && uncut.value() < total)
    fail(ErrorCode::kInvalidModel, "pads of {} and {} cut off more than the {} places that there are",
         pad_begin, pad_end, uncut.value());
  return {uncut - Dim(total), pad_begin};
}

std::vector<Extent> extents_of(const Node& node, const Shape& input, const Window& window) {
  const size_t count = window.kernel.size();
  const auto padding = window_attribute(node, "output_padding", count, 0, 0);
  const auto wanted = window_attribute(node, "output_shape", count, 0, 0);
  const std::string auto_pad = node.string_attribute("auto_pad", "NOTSET");
  const bool upper = auto_pad == "SAME_UPPER";
  std::vector<Extent> extents;
  for (size_t axis = 0; axis < count; ++axis) {
    const int64_t stride = window.strides[axis];
    if (padding[axis] >= std::max(stride, window.dilations[axis]))
      fail(ErrorCode::kInvalidModel,
           "output_padding is {} along spatial axis {}, but it must be less than the stride or the dilation",
           padding[axis], axis);
    const Dim& size = input[axis + 2];
    const Dim uncut = window.spread_dim(axis, size, padding[axis]);
    if (node.find_attribute("output_shape"))
      extents.push_back(cut_to(Dim(wanted[axis]), uncut, upper));
    else if (upper || auto_pad == "SAME_LOWER")
      extents.push_back(cut_to(size * Dim(stride), uncut, upper));
    else
      extents.push_back(cut_by(window.pads_begin[axis], window.pads_end[axis], uncut));
  }
  return extents;
}

void check_shapes(const Shape& input, const Dims& weights, int64_t group) {
  if (weights.size() != input.size() || input.size() < 3)
    fail(ErrorCode::kInvalidModel,
         "the input is {} and the weights are {}: both must have one rank, at least 3", to_string(input),
         to_string(weights));
  if (group < 1 || weights[0] % group != 0)
    fail(ErrorCode::kInvalidModel,
         "attribute group is {}, but a divisor of the {} input channels is expected", group, weights[0]);
  if (input[1].is_known() && input[1].value() != weights[0])
    fail(ErrorCode::kInvalidModel, "the input has {} channels, but the weights are for {}", input[1].value(),
         weights[0]);
}

Window transposed_window(const Node& node, const Shape& input, const Dims& weights) {
  check_shapes(input, weights, node.int_attribute("group", 1));
  // Sizes do not matter: what auto_pad makes of them is for convolutions that are not transposed.
  return window_of(node, Dims(input.size(), 1), Dims(weights.begin() + 2, weights.end()));
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto &input = context.input_shape(0), &weights = context.input_shape(1);
  if (!input || !weights || !all_known(*weights)) return context.set_output_type(0, Type::tensor(type));
  const Dims kernel = known_dims(*weights);
  const Window window = transposed_window(context.node(), *input, kernel);
  Shape out{(*input)[0], Dim(kernel[1]) * Dim(context.node().int_attribute("group", 1))};
  for (const Extent& extent : extents_of(context.node(), *input, window)) out.push_back(extent.size);
  context.set_output_type(0, Type::tensor(type, std::move(out)));
}

Tensor start_with_bias(const Dims& out, const std::optional<Tensor>& bias) {
  if (bias) require_dims(*bias, "the bias", {out[1]});
  Tensor result = exact_zeros(out);
  if (!bias || result.empty()) return result;
  const auto sums = result.data<double>();
  const auto plane = sums.size() / static_cast<size_t>(out[0] * out[1]);
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i] = std::as_const(*bias).data<double>()[i / plane % static_cast<size_t>(out[1])];
  return result;
}

void compute(KernelContext& context) {
  const Tensor input = exact_input(context, 0), weights = exact_input(context, 1);
  const Shape shape(input.dims().begin(), input.dims().end());
  Window window = transposed_window(context.node(), shape, weights.dims());
  const auto extents = extents_of(context.node(), shape, window);
  const int64_t group = context.node().int_attribute("group", 1);
  Dims out{input.dim(0), element_count({weights.dim(1), group})};
  for (const Extent& extent : extents) out.push_back(extent.size.value());
  for (size_t axis = 0; axis < extents.size(); ++axis) window.pads_begin[axis] = extents[axis].pad_begin;
  Tensor result = start_with_bias(out, exact_optional_input(context, 2));

  const Dims in_plane(input.dims().begin() + 2, input.dims().end());
  const int64_t out_area = element_count(Dims(out.begin() + 2, out.end())),
                area = element_count(window.kernel);
  const int64_t group_inputs = weights.dim(0) / group, group_outputs = weights.dim(1);
  const double* element = input.data<double>().data();
  WindowWalk taps(window, out);  // where the kernel falls in the output
  for (int64_t image = 0; image < out[0]; ++image)
    for (int64_t channel = 0; channel < input.dim(1); ++channel) {
      const double* kernels = weights.data<double>().data() + channel * group_outputs * area;
      const int64_t first = image * out[1] + channel / group_inputs * group_outputs;
      double* planes = result.data<double>().data() + first * out_area;
      for (IndexWalk walk(in_plane); !walk.done(); walk.next(), ++element) {
        taps.move_to(walk.index(), group_outputs);
        for (int64_t o = 0; o < group_outputs; ++o)
          taps.visit([&, plane = planes + o * out_area, kernel = kernels + o * area](
                         int64_t place, int64_t tap) { plane[place] += *element * kernel[tap]; });
      }
    }
  round_to_output(context, 0, context.input(0).type(), result);
}

double flops(const ShapeContext& context) {
  const Dims& weights = context.inputs[1];
  const double per_input =
      static_cast<double>(element_count(weights)) / static_cast<double>(std::max<int64_t>(weights[0], 1));
  return 2.0 * per_input * static_cast<double>(element_count(context.inputs[0]));
}

}  // namespace

void register_conv_transpose(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "ConvTranspose",
                .since_version = 22,
                .inputs = {{"X", "T"}, {"W", "T"}, {"B", "T", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"auto_pad", Kind::kString},
                               {"dilations", Kind::kInts},
                               {"group", Kind::kInt},
                               {"kernel_shape", Kind::kInts},
                               {"output_padding", Kind::kInts},
                               {"output_shape", Kind::kInts},
                               {"pads", Kind::kInts},
                               {"strides", Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer,
                .compute = compute,
                .flops = flops});
}

}  // namespace slipway::ops
