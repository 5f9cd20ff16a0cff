// ConvInteger and QLinearConv: convolutions of quantised tensors, with a zero point and scale for all of the
// input and for the weights as a whole or for each output channel. Sums are exact as long as they are below
// 2^53.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/convolution.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/quantization.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// One number for all `channels`, or one for each; throws kInvalidModel otherwise.
CountedVector<double> per_channel(const Tensor& parameter, int64_t channels, const char* what) {
  const auto entries = parameter.data<double>();
  if (parameter.rank() <= 1 && parameter.count() == 1)
    return CountedVector<double>(static_cast<size_t>(channels), entries[0]);
  if (parameter.dims() != Dims{channels})
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but one entry or [{}] is expected", what,
         to_string(parameter.dims()), channels);
  return {entries.begin(), entries.end()};
}

double one_number(const Tensor& parameter, const char* what) {
  return per_channel(parameter, 1, what)[0];
}

Tensor shifted_input(Tensor input, const std::optional<Tensor>& zero_point) {
  const double shift = zero_point ? one_number(*zero_point, "the input's zero point") : 0;
  for (double& element : input.data<double>()) element -= shift;
  return input;
}

Tensor shifted_weights(Tensor weights, const std::optional<Tensor>& zero_point) {
  if (!zero_point || weights.rank() == 0) return weights;
  const auto shifts = per_channel(*zero_point, weights.dim(0), "the weights' zero point");
  const AxisSplit split = split_at(weights.dims(), 0);
  const auto elements = weights.data<double>();
  for (size_t i = 0; i < elements.size(); ++i) elements[i] -= shifts[i / static_cast<size_t>(split.inner)];
  return weights;
}

// Sums that do not fit into 32 bits wrap, as the standard allows.
void compute_integer(KernelContext& context) {
  const Tensor input = shifted_input(exact_input(context, 0), exact_optional_input(context, 2));
  const Tensor weights = shifted_weights(exact_input(context, 1), exact_optional_input(context, 3));
  round_to_output(context, 0, DataType::kInt32, convolve(context.node(), input, weights, nullptr));
}

void compute_qlinear(KernelContext& context) {
  const Tensor input = shifted_input(exact_input(context, 0), exact_input(context, 2));
  const Tensor weights = shifted_weights(exact_input(context, 3), exact_input(context, 5));
  const auto bias = exact_optional_input(context, 8);
  Tensor sums = convolve(context.node(), input, weights, bias ? &*bias : nullptr);
  const double input_scale = one_number(exact_input(context, 1), "the input's scale");
  const auto weight_scales = per_channel(exact_input(context, 4), weights.dim(0), "the weights' scale");
  const double output_scale = one_number(exact_input(context, 6), "the output's scale");
  const double zero_point = one_number(exact_input(context, 7), "the output's zero point");
  const DataType type = context.input(7).type();
  const auto range = integer_range(type);
  const AxisSplit split = split_at(sums.dims(), 1);
  const auto elements = sums.data<double>();
  for (size_t i = 0; i < elements.size(); ++i) {
    const auto channel = static_cast<int64_t>(i) / split.inner % split.size;
    const double scale = input_scale * weight_scales[static_cast<size_t>(channel)] / output_scale;
    elements[i] = quantized(elements[i] * scale, zero_point, range);
  }
  round_to_output(context, 0, type, sums);
}

void infer_integer(InferenceContext& context) {
  const auto shape = convolution_shape(context.node(), context.input_shape(0), context.input_shape(1));
  context.set_output_type(0, Type::tensor(DataType::kInt32, shape));
}

void infer_qlinear(InferenceContext& context) {
  const auto shape = convolution_shape(context.node(), context.input_shape(0), context.input_shape(3));
  context.set_output_type(0, Type::tensor(context.input_element_type(7), shape));
}

const std::vector<AttributeSpec>& convolution_attributes() {
  using Kind = Attribute::Kind;
  static const std::vector<AttributeSpec> attributes{
      {"auto_pad", Kind::kString},   {"dilations", Kind::kInts}, {"group", Kind::kInt},
      {"kernel_shape", Kind::kInts}, {"pads", Kind::kInts},      {"strides", Kind::kInts}};
  return attributes;
}

}  // namespace

void register_quantized_conv(Registry& registry) {
  constexpr TypeSet kBytes{DataType::kInt8, DataType::kUint8};
  registry.add({.name = "ConvInteger",
                .since_version = 10,
                .inputs = {{"x", "T1"},
                           {"w", "T2"},
                           {"x_zero_point", "T1", Arity::kOptional},
                           {"w_zero_point", "T2", Arity::kOptional}},
                .outputs = {{"y", "T3"}},
                .attributes = convolution_attributes(),
                .type_constraints = {{"T1", kBytes}, {"T2", kBytes}, {"T3", {DataType::kInt32}}},
                .infer = infer_integer,
                .compute = compute_integer});
  registry.add(
      {.name = "QLinearConv",
       .since_version = 10,
       .inputs = {{"x", "T1"},
                  {"x_scale", "tensor(float)"},
                  {"x_zero_point", "T1"},
                  {"w", "T2"},
                  {"w_scale", "tensor(float)"},
                  {"w_zero_point", "T2"},
                  {"y_scale", "tensor(float)"},
                  {"y_zero_point", "T3"},
                  {"B", "T4", Arity::kOptional}},
       .outputs = {{"y", "T3"}},
       .attributes = convolution_attributes(),
       .type_constraints = {{"T1", kBytes}, {"T2", kBytes}, {"T3", kBytes}, {"T4", {DataType::kInt32}}},
       .infer = infer_qlinear,
       .compute = compute_qlinear});
}

}  // namespace slipway::ops
