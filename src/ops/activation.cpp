// The activation functions of neural networks.
#include <cmath>

#include "ops/cast.hpp"
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

double sigmoid(double x) {
  // The exponential of a negative number, so that nothing overflows.
  const double e = std::exp(-std::fabs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// log(1 + exp(x)) without overflow.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

double attribute(const KernelContext& context, std::string_view name, float otherwise) {
  return static_cast<double>(context.node().float_attribute(name, otherwise));
}

void compute_relu(KernelContext& context) {
  // Comparing this way lets NaN through.
  map_elements<Join<Floats, SignedIntegers>>(context, [](auto x) { return x < 0 ? decltype(x){0} : x; });
}

void compute_leaky_relu(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 0.01F);
  map_elements<Floats>(context, [alpha](double x) { return x < 0 ? alpha * x : x; });
}

void compute_prelu(KernelContext& context) {
  using Types = Join<Floats, Elements<uint32_t, uint64_t, int32_t, int64_t>>;
  const Dims &dims = context.input(0).dims(), &slopes = context.input(1).dims();
  if (broadcast_dims(dims, slopes) != dims)
    fail(ErrorCode::kInvalidModel, "the slope has shape {}, which does not broadcast to the input's {}",
         to_string(slopes), to_string(dims));
  map_pairs<Types>(context, [](auto x, auto slope) { return x < 0 ? wrapping_multiply(x, slope) : x; });
}

void compute_sigmoid(KernelContext& context) {
  map_elements<Floats>(context, sigmoid);
}

void compute_tanh(KernelContext& context) {
  map_elements<Floats>(context, [](double x) { return std::tanh(x); });
}

void compute_elu(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 1.0F);
  map_elements<Floats>(context, [alpha](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

void compute_selu(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 1.67326319217681884765625F);
  const double gamma = attribute(context, "gamma", 1.05070102214813232421875F);
  map_elements<Floats>(context, [=](double x) { return gamma * (x <= 0 ? alpha * std::expm1(x) : x); });
}

void compute_celu(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 1.0F);
  map_elements<Floats>(context, [alpha](double x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}

void compute_gelu(KernelContext& context) {
  const std::string approximate = context.node().string_attribute("approximate", "none");
  if (approximate == "none") {
    map_elements<Floats>(context, [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); });
  } else if (approximate == "tanh") {
    const double scale = std::sqrt(2 / std::acos(-1.0));
    map_elements<Floats>(
        context, [scale](double x) { return 0.5 * x * (1 + std::tanh(scale * (x + 0.044715 * x * x * x))); });
  } else {
    fail(ErrorCode::kInvalidModel, "attribute 'approximate' is '{}', but none or tanh was expected",
         approximate);
  }
}

void compute_mish(KernelContext& context) {
  map_elements<Floats>(context, [](double x) { return x * std::tanh(softplus(x)); });
}

void compute_swish(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 1.0F);
  map_elements<Floats>(context, [alpha](double x) { return x * sigmoid(alpha * x); });
}

// NaN stays NaN, which std::clamp does not promise.
double unit_clamp(double x) {
  if (x < 0) return 0;
  return x > 1 ? 1 : x;
}

void compute_hard_sigmoid(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 0.2F);
  const double beta = attribute(context, "beta", 0.5F);
  map_elements<Floats>(context, [=](double x) { return unit_clamp(alpha * x + beta); });
}

void compute_hard_swish(KernelContext& context) {
  map_elements<Floats>(context, [](double x) { return x * unit_clamp(x / 6 + 0.5); });
}

void compute_softplus(KernelContext& context) {
  map_elements<Floats>(context, softplus);
}

void compute_softsign(KernelContext& context) {
  map_elements<Floats>(context, [](double x) { return x / (1 + std::fabs(x)); });
}

void compute_thresholded_relu(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 1.0F);
  map_elements<Floats>(context, [alpha](double x) { return x > alpha ? x : 0.0; });
}

void compute_shrink(KernelContext& context) {
  const double bias = attribute(context, "bias", 0.0F);
  const double lambda = attribute(context, "lambd", 0.5F);
  map_elements<Numbers>(context, [=](auto x) {
    const auto value = static_cast<double>(x);
    if (value < -lambda) return as_element<decltype(x)>(value + bias);
    return value > lambda ? as_element<decltype(x)>(value - bias) : decltype(x){0};
  });
}

}  // namespace

void register_activation(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(unary_operator("Relu", 14, kFloats | kSignedIntegers, compute_relu));
  registry.add(unary_operator("LeakyRelu", 16, kFloats, compute_leaky_relu, {{"alpha", Kind::kFloat}}));
  registry.add(unary_operator("Sigmoid", 13, kFloats, compute_sigmoid));
  registry.add(unary_operator("Tanh", 13, kFloats, compute_tanh));
  registry.add(unary_operator("Elu", 22, kFloats, compute_elu, {{"alpha", Kind::kFloat}}));
  registry.add(
      unary_operator("Selu", 22, kFloats, compute_selu, {{"alpha", Kind::kFloat}, {"gamma", Kind::kFloat}}));
  registry.add(unary_operator("Celu", 12, {DataType::kFloat}, compute_celu, {{"alpha", Kind::kFloat}}));
  registry.add(unary_operator("Gelu", 20, kFloats, compute_gelu, {{"approximate", Kind::kString}}));
  registry.add(unary_operator("Mish", 22, kFloats, compute_mish));
  registry.add(unary_operator("Swish", 24, kFloats, compute_swish, {{"alpha", Kind::kFloat}}));
  registry.add(unary_operator("HardSigmoid", 22, kFloats, compute_hard_sigmoid,
                              {{"alpha", Kind::kFloat}, {"beta", Kind::kFloat}}));
  registry.add(unary_operator("HardSwish", 22, kFloats, compute_hard_swish));
  registry.add(unary_operator("Softplus", 22, kFloats, compute_softplus));
  registry.add(unary_operator("Softsign", 22, kFloats, compute_softsign));
  registry.add(
      unary_operator("ThresholdedRelu", 22, kFloats, compute_thresholded_relu, {{"alpha", Kind::kFloat}}));
  registry.add(unary_operator("Shrink", 9, kIeeeFloats | kIntegers, compute_shrink,
                              {{"bias", Kind::kFloat}, {"lambd", Kind::kFloat}}));

  Operator prelu = binary_operator("PRelu", 16, kWideNumbers, compute_prelu);
  prelu.inputs = {{"X", "T"}, {"slope", "T"}};
  prelu.infer = infer_like_first_input;
  registry.add(std::move(prelu));
}

}  // namespace slipway::ops
