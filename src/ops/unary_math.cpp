// Functions of one number: exponentials, trigonometry, rounding, signs, tests for NaN and infinity.
#include <cmath>

#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <double (*kFunction)(double)>
void compute_float(KernelContext& context) {
  map_elements<Floats>(context, kFunction);
}

double reciprocal(double x) {
  return 1 / x;
}

// To the nearest integer, halves to the even one.
double round_half_even(double x) {
  const double floor = std::floor(x);
  const double rest = x - floor;
  if (rest == 0) return x;
  if (rest != 0.5) return std::copysign(rest < 0.5 ? floor : floor + 1, x);
  return std::copysign(std::fmod(floor, 2) == 0 ? floor : floor + 1, x);
}

void compute_abs(KernelContext& context) {
  map_elements<Numbers>(context, [](auto x) {
    if constexpr (std::is_integral_v<decltype(x)>)
      return x < 0 ? wrapping_subtract(decltype(x){0}, x) : x;
    else
      return std::fabs(x);
  });
}

void compute_neg(KernelContext& context) {
  map_elements<Join<Floats, SignedIntegers>>(context, [](auto x) {
    if constexpr (std::is_integral_v<decltype(x)>)
      return wrapping_subtract(decltype(x){0}, x);
    else
      return -x;
  });
}

void compute_sign(KernelContext& context) {
  map_elements<Numbers>(context, [](auto x) {
    using T = decltype(x);
    if (x > 0) return T{1};
    // NaN and zero are their own sign.
    return x < 0 ? static_cast<T>(-1) : x;
  });
}

void compute_is_nan(KernelContext& context) {
  map_elements<Join<Floats, Float8s>>(context, [](double x) { return std::isnan(x); });
}

void compute_is_inf(KernelContext& context) {
  const bool positive = context.node().int_attribute("detect_positive", 1) != 0;
  const bool negative = context.node().int_attribute("detect_negative", 1) != 0;
  map_elements<Join<Floats, Float8s>>(
      context, [=](double x) { return std::isinf(x) && (x > 0 ? positive : negative); });
}

void infer_test(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kBool, context.input_shape(0)));
}

Operator float_test(std::string_view name, void (*compute)(KernelContext&),
                    std::vector<AttributeSpec> attributes = {}) {
  constexpr TypeSet kTypes = kFloats | TypeSet{DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz,
                                               DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz};
  Operator test = unary_operator(name, 20, kTypes, compute, std::move(attributes));
  test.outputs = {{"Y", "tensor(bool)"}};
  test.infer = infer_test;
  return test;
}

struct FloatFunction {
  std::string_view name;
  int since_version;
  void (*compute)(KernelContext&);
};

constexpr FloatFunction kFloatFunctions[] = {
    {"Exp", 13, compute_float<std::exp>},          {"Log", 13, compute_float<std::log>},
    {"Sqrt", 13, compute_float<std::sqrt>},        {"Erf", 13, compute_float<std::erf>},
    {"Floor", 13, compute_float<std::floor>},      {"Ceil", 13, compute_float<std::ceil>},
    {"Round", 22, compute_float<round_half_even>}, {"Reciprocal", 13, compute_float<reciprocal>},
    {"Sin", 22, compute_float<std::sin>},          {"Cos", 22, compute_float<std::cos>},
    {"Tan", 22, compute_float<std::tan>},          {"Asin", 22, compute_float<std::asin>},
    {"Acos", 22, compute_float<std::acos>},        {"Atan", 22, compute_float<std::atan>},
    {"Sinh", 22, compute_float<std::sinh>},        {"Cosh", 22, compute_float<std::cosh>},
    {"Asinh", 22, compute_float<std::asinh>},      {"Acosh", 22, compute_float<std::acosh>},
    {"Atanh", 22, compute_float<std::atanh>},
};

}  // namespace

void register_unary_math(Registry& registry) {
  using Kind = Attribute::Kind;
  for (const FloatFunction& function : kFloatFunctions)
    registry.add(unary_operator(function.name, function.since_version, kFloats, function.compute));
  registry.add(unary_operator("Abs", 13, kNumbers, compute_abs));
  registry.add(unary_operator("Neg", 13, kFloats | kSignedIntegers, compute_neg));
  registry.add(unary_operator("Sign", 13, kNumbers, compute_sign));
  registry.add(float_test("IsNaN", compute_is_nan));
  registry.add(float_test("IsInf", compute_is_inf,
                          {{"detect_negative", Kind::kInt}, {"detect_positive", Kind::kInt}}));
}

}  // namespace slipway::ops
