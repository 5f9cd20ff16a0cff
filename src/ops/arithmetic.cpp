// Add, Sub, Mul, Div, Mod, Pow: two tensors, broadcast. Integers wrap.
#include <cmath>

#include "ops/cast.hpp"
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <std::integral T>
void require_divisor(T divisor) {
  if (divisor == 0) fail(ErrorCode::kInvalidArgument, "division of integers by zero");
}

// The smallest integer divided by -1 does not fit: it wraps, as multiplication by -1 does.
template <std::integral T>
bool is_minus_one(T value) {
  return std::is_signed_v<T> && value == static_cast<T>(-1);
}

// Towards zero.
template <std::integral T>
T divide(T a, T b) {
  require_divisor(b);
  return is_minus_one(b) ? wrapping_multiply(a, b) : static_cast<T>(a / b);
}
double divide(double a, double b) {
  return a / b;
}

// With the sign of the dividend, as C has it.
template <std::integral T>
T truncated_remainder(T a, T b) {
  require_divisor(b);
  return is_minus_one(b) ? T{0} : static_cast<T>(a % b);
}
double truncated_remainder(double a, double b) {
  return std::fmod(a, b);
}

// With the sign of the divisor, as Python has it.
template <std::integral T>
T floored_remainder(T a, T b) {
  const T remainder = truncated_remainder(a, b);
  return remainder != 0 && (remainder < 0) != (b < 0) ? static_cast<T>(remainder + b) : remainder;
}

void compute_add(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return wrapping_add(a, b); });
}
void compute_sub(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return wrapping_subtract(a, b); });
}
void compute_mul(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return wrapping_multiply(a, b); });
}
void compute_div(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return divide(a, b); });
}

void infer_add(InferenceContext& context) {
  infer_broadcast(context);
  infer_elements(context, [](const Dim& a, const Dim& b) { return a + b; });
}
void infer_sub(InferenceContext& context) {
  infer_broadcast(context);
  infer_elements(context, [](const Dim& a, const Dim& b) { return a - b; });
}
void infer_mul(InferenceContext& context) {
  infer_broadcast(context);
  infer_elements(context, [](const Dim& a, const Dim& b) { return a * b; });
}
void infer_div(InferenceContext& context) {
  infer_broadcast(context);
  infer_elements(context, [](const Dim& a, const Dim& b) {
    return b.is_known() && b.value() > 0 ? floor_div(a, b.value()) : Dim();
  });
}

void compute_mod(KernelContext& context) {
  if (context.node().int_attribute("fmod", 0) != 0)
    return map_pairs<Numbers>(context, [](auto a, auto b) { return truncated_remainder(a, b); });
  if (is_floating_point(context.input(0).type()))
    fail(ErrorCode::kInvalidArgument, "Mod of elements of type {} needs attribute fmod = 1",
         name_of(context.input(0).type()));
  map_pairs<Integers>(context, [](auto a, auto b) { return floored_remainder(a, b); });
}

// Modulo 2^64, by squaring.
uint64_t integer_power(uint64_t base, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

template <std::integral T>
T power(T base, int64_t exponent) {
  if (exponent >= 0)
    return static_cast<T>(integer_power(static_cast<uint64_t>(base), static_cast<uint64_t>(exponent)));
  // Below one in magnitude, so cut to zero, unless the base is 1 or -1.
  if (base == 0) fail(ErrorCode::kInvalidArgument, "the integer 0 to the negative power {}", exponent);
  if (base == 1) return 1;
  if (base == -1) return exponent % 2 == 0 ? T{1} : T{-1};
  return 0;
}

template <std::integral T>
T power(T base, double exponent) {
  const double result = std::pow(static_cast<double>(base), exponent);
  // Below -2^(bits-1) or from 2^(bits-1) on nothing is defined.
  const double limit = std::ldexp(1.0, static_cast<int>(sizeof(T)) * 8 - 1);
  return result >= -limit && result < limit ? static_cast<T>(result) : std::numeric_limits<T>::min();
}

double power(double base, auto exponent) {
  return std::pow(base, static_cast<double>(exponent));
}

template <typename Exponent>
void compute_powers(KernelContext& context, const Tensor& exponents) {
  const Tensor& base = context.input(0);
  const Dims dims = broadcast_dims(base.dims(), exponents.dims());
  using Powers = Join<Floats, Elements<int32_t, int64_t>>;
  dispatch<Powers>(base.type(), [&]<typename T>(ElementType<T>) {
    const auto in = base.data<T>();
    const auto by = exponents.data<Exponent>();
    const auto out = context.make_output(0, base.type(), dims).template data<T>();
    StridedWalk<2> at(dims,
                      {broadcast_strides(base.dims(), dims), broadcast_strides(exponents.dims(), dims)});
    for (size_t i = 0; i < out.size(); ++i, at.next())
      out[i] =
          static_cast<T>(power(to_exact(in[static_cast<size_t>(at[0])]), by[static_cast<size_t>(at[1])]));
  });
}

void compute_pow(KernelContext& context) {
  const Tensor& exponents = context.input(1);
  if (is_floating_point(exponents.type()))
    compute_powers<double>(context, cast_elements(exponents, DataType::kDouble));
  else
    compute_powers<int64_t>(context, cast_elements(exponents, DataType::kInt64));
}

void infer_pow(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(0), broadcast_input_shapes(context)));
}

Operator with_inference(Operator definition, void (*infer)(InferenceContext&)) {
  definition.infer = infer;
  return definition;
}

}  // namespace

void register_arithmetic(Registry& registry) {
  registry.add(with_inference(binary_operator("Add", 14, kNumbers, compute_add), infer_add));
  registry.add(with_inference(binary_operator("Sub", 14, kNumbers, compute_sub), infer_sub));
  registry.add(with_inference(binary_operator("Mul", 14, kNumbers, compute_mul), infer_mul));
  registry.add(with_inference(binary_operator("Div", 14, kNumbers, compute_div), infer_div));

  Operator mod = binary_operator("Mod", 13, kNumbers, compute_mod);
  mod.attributes = {{"fmod", Attribute::Kind::kInt}};
  registry.add(std::move(mod));

  Operator pow =
      binary_operator("Pow", 15, kFloats | TypeSet{DataType::kInt32, DataType::kInt64}, compute_pow);
  pow.inputs = {{"X", "T"}, {"Y", "T1"}};
  pow.type_constraints.push_back({"T1", kNumbers});
  pow.infer = infer_pow;
  registry.add(std::move(pow));
}

}  // namespace slipway::ops
