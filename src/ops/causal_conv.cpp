// CausalConvWithState: a convolution of each channel by itself along time that looks at the present and the
// past alone, and hands the last elements on to the next call.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// Is the result passed through x * sigmoid(x)?
bool is_swish(const Node& node) {
  const std::string name = node.string_attribute("activation", "none");
  if (name != "none" && name != "silu" && name != "swish")
    fail(ErrorCode::kInvalidModel, "attribute activation is '{}', but none, silu or swish was expected",
         name);
  return name != "none";
}

// Weights are [channels, 1, size].
void check_shapes(const Shape& input, const Shape& weights) {
  if (input.size() != 3 || weights.size() != 3 || contradict(weights[1], 1) ||
      contradict(weights[0], input[1]) || (weights[2].is_known() && weights[2].value() < 1))
    fail(ErrorCode::kInvalidModel,
         "the input is {} and the weights {}, but [batch, channels, length] and [channels, 1, size] are "
         "expected",
         to_string(input), to_string(weights));
}

void infer(InferenceContext& context) {
  is_swish(context.node());
  const DataType type = context.input_element_type(0);
  const auto &input = context.input_shape(0), &weights = context.input_shape(1);
  context.set_output_type(0, Type::tensor(type, input));
  if (!input || !weights) return context.set_output_type(1, Type::tensor(type, Shape(3)));
  check_shapes(*input, *weights);
  context.set_output_type(1, Type::tensor(type, Shape{(*input)[0], (*input)[1], (*weights)[2] - Dim(1)}));
}

void compute(KernelContext& context) {
  const bool swish = is_swish(context.node());
  const Tensor input = exact_input(context, 0), weights = exact_input(context, 1);
  check_shapes(shape_of(input), shape_of(weights));
  const int64_t batch = input.dim(0), channels = input.dim(1), length = input.dim(2);
  const int64_t size = weights.dim(2), past = size - 1;
  const auto bias = exact_optional_input(context, 2);
  if (bias) require_dims(*bias, "the bias", {channels});
  Tensor state = context.has_input(3) ? exact_input(context, 3) : exact_zeros({batch, channels, past});
  require_dims(state, "past_state", {batch, channels, past});

  Tensor output(DataType::kDouble, input.dims());
  const double* in = input.data<double>().data();
  double *out = output.data<double>().data(), *carried = state.data<double>().data();
  CountedVector<double> line(static_cast<size_t>(past + length));  // the past, then the present
  for (int64_t row = 0; row < batch * channels; ++row, in += length, out += length, carried += past) {
    std::copy_n(in, length, std::copy_n(carried, past, line.begin()));
    const int64_t channel = row % channels;
    const double* kernel = weights.data<double>().data() + channel * size;
    for (int64_t i = 0; i < length; ++i) {
      double sum = bias ? std::as_const(*bias).data<double>()[static_cast<size_t>(channel)] : 0.0;
      for (int64_t k = 0; k < size; ++k) sum += kernel[k] * line[static_cast<size_t>(i + k)];
      out[i] = swish ? sum / (1 + std::exp(-sum)) : sum;
    }
    std::copy_n(line.end() - past, past, carried);
  }
  round_to_output(context, 0, context.input(0).type(), output);
  round_to_output(context, 1, context.input(0).type(), state);
}

}  // namespace

void register_causal_conv(Registry& registry) {
  registry.add({.name = "CausalConvWithState",
                .since_version = 27,
                .inputs = {{"input", "T"},
                           {"weight", "T"},
                           {"bias", "T", Arity::kOptional},
                           {"past_state", "T", Arity::kOptional}},
                .outputs = {{"output", "T"}, {"present_state", "T"}},
                .attributes = {{"activation", Attribute::Kind::kString}},
                .type_constraints = {{"T", {DataType::kFloat, DataType::kFloat16, DataType::kBfloat16}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
