// Conv: any number of spatial axes, groups, strides, dilations, padding. Products are summed in double and
// rounded once, which makes the reference kernel the better number beside any fast one.
#include <algorithm>

#include "base/error.hpp"
#include "ops/convolution.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

// Throws for a bias that is known not to be one number for each output channel.
void check_bias(const InferenceContext& context) {
  const auto &bias = context.input_shape(2), &weights = context.input_shape(1);
  if (!bias || !weights || weights->empty()) return;
  if (bias->size() != 1 || contradict((*bias)[0], (*weights)[0]))
    fail(ErrorCode::kInvalidModel, "the bias has shape {}, but {} is expected", to_string(*bias),
         to_string(Shape{(*weights)[0]}));
}

void infer_conv(InferenceContext& context) {
  if (context.has_input(2)) check_bias(context);
  context.set_output_type(
      0, Type::tensor(context.input_element_type(0),
                      convolution_shape(context.node(), context.input_shape(0), context.input_shape(1))));
}

void compute_conv(KernelContext& context) {
  const auto bias = exact_optional_input(context, 2);
  const Tensor sums =
      convolve(context.node(), exact_input(context, 0), exact_input(context, 1), bias ? &*bias : nullptr);
  round_to_output(context, 0, context.input(0).type(), sums);
}

Region conv_footprint(const ShapeContext& context, size_t index, const Region& region) {
  const Dims& dims = context.inputs[index];
  Region needed;
  for (int64_t size : dims) needed.push_back({0, size});
  if (index != 0) return needed;
  const Window window =
      window_of(context.node, dims, Dims(context.inputs[1].begin() + 2, context.inputs[1].end()));
  needed[0] = region[0];
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    needed[axis + 2] =
        footprint_window(region[axis + 2], dims[axis + 2], window.kernel[axis], window.strides[axis],
                         window.dilations[axis], window.pads_begin[axis]);
  return needed;
}

double conv_flops(const ShapeContext& context) {
  const Dims& weights = context.inputs[1];
  const double per_output =
      static_cast<double>(element_count(weights)) / static_cast<double>(std::max<int64_t>(weights[0], 1));
  return 2.0 * per_output * static_cast<double>(element_count(context.outputs[0]));
}

}  // namespace

void register_conv(Registry& registry) {
  registry.add({.name = "Conv",
                .since_version = 22,
                .inputs = {{"X", "T"}, {"W", "T"}, {"B", "T", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"auto_pad", Attribute::Kind::kString},
                               {"dilations", Attribute::Kind::kInts},
                               {"group", Attribute::Kind::kInt},
                               {"kernel_shape", Attribute::Kind::kInts},
                               {"pads", Attribute::Kind::kInts},
                               {"strides", Attribute::Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_conv,
                .compute = compute_conv,
                .footprint = conv_footprint,
                .flops = conv_flops});
}

}  // namespace slipway::ops
