#include "torch/ir/promotion.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "torch/ir/call_arguments.hpp"

namespace slipway::torch::ir {
namespace {

enum class Kind { kNone, kBool, kInteger, kReal, kComplex };

Kind kind_of(DataType type) {
  if (type == DataType::kUndefined) return Kind::kNone;
  if (type == DataType::kBool) return Kind::kBool;
  if (type == DataType::kComplex64 || type == DataType::kComplex128) return Kind::kComplex;
  return is_integer(type) ? Kind::kInteger : Kind::kReal;
}

DataType promote_reals(DataType a, DataType b) {
  if (a == DataType::kDouble || b == DataType::kDouble) return DataType::kDouble;
  // Neither of f16 and bf16 holds the other.
  return DataType::kFloat;
}

DataType promote_integers(DataType a, DataType b) {
  constexpr std::array kSigned = {DataType::kInt8, DataType::kInt16, DataType::kInt32, DataType::kInt64};
  const auto is_signed = [&](DataType type) { return std::ranges::find(kSigned, type) != kSigned.end(); };
  const int wide_a = bits_of(a), wide_b = bits_of(b);
  if (is_signed(a) == is_signed(b)) return wide_a > wide_b ? a : b;
  // The signed type that holds both; PyTorch stays with i64 for u64.
  const int needed = std::max(is_signed(a) ? wide_a : 2 * wide_a, is_signed(b) ? wide_b : 2 * wide_b);
  for (const DataType type : kSigned)
    if (bits_of(type) >= needed) return type;
  return DataType::kInt64;
}

DataType promote_to_complex(DataType complex, DataType other) {
  return other == DataType::kDouble || other == DataType::kComplex128 ? DataType::kComplex128 : complex;
}

// `lower` counts only where it is of a higher kind.
DataType combine(DataType higher, DataType lower) {
  if (kind_of(higher) >= kind_of(lower)) return higher;
  // A complex number does not widen a real tensor: f64 becomes c128, f32 c64.
  if (kind_of(lower) == Kind::kComplex && kind_of(higher) == Kind::kReal)
    return higher == DataType::kDouble ? DataType::kComplex128 : DataType::kComplex64;
  return promote(higher, lower);
}

constexpr std::array<std::string_view, 18> kComparisons = {
    "eq",          "equal_", "ge",         "greater",     "greater_equal", "gt",
    "le",          "less",   "less_equal", "logical_and", "logical_not",   "logical_or",
    "logical_xor", "lt",     "ne",         "not_equal",   "isfinite",      "isnan"};
constexpr std::array<std::string_view, 31> kPromoted = {"add",
                                                        "addcdiv",
                                                        "addcmul",
                                                        "arctan2",
                                                        "atan2",
                                                        "bitwise_and",
                                                        "bitwise_left_shift",
                                                        "bitwise_or",
                                                        "bitwise_xor",
                                                        "bitwise_right_shift",
                                                        "clamp",
                                                        "clamp_max",
                                                        "clamp_min",
                                                        "clip",
                                                        "copysign",
                                                        "div",
                                                        "divide",
                                                        "floor_divide",
                                                        "fmod",
                                                        "gcd",
                                                        "hypot",
                                                        "lcm",
                                                        "ldexp",
                                                        "mul",
                                                        "multiply",
                                                        "pow",
                                                        "remainder",
                                                        "sub",
                                                        "subtract",
                                                        "true_divide",
                                                        "xlogy"};

template <size_t kCount>
bool contains(const std::array<std::string_view, kCount>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

DataType promote(DataType a, DataType b) {
  if (a == b || b == DataType::kUndefined) return a;
  if (kind_of(a) < kind_of(b)) std::swap(a, b);
  switch (kind_of(a)) {
    case Kind::kComplex:
      return promote_to_complex(a, b);
    case Kind::kReal:
      return kind_of(b) == Kind::kReal ? promote_reals(a, b) : a;
    case Kind::kInteger:
      return kind_of(b) == Kind::kInteger ? promote_integers(a, b) : a;
    default:
      return a;
  }
}

void ResultType::add(const TensorMeta& tensor) {
  DataType& type = tensor.sizes.empty() ? without_axes_ : with_axes_;
  type = promote(tensor.type, type);
}

void ResultType::add_number(DataType kind) {
  numbers_ = promote(kind, numbers_);
}

DataType ResultType::type() const {
  return combine(combine(with_axes_, without_axes_), numbers_);
}

std::optional<DataType> result_type_of(const Call& call) {
  std::string_view name = aten_name(call);
  if (name.starts_with("__i")) name = "bitwise_and";
  if (name.ends_with('_')) name.remove_suffix(1);
  if (contains(kComparisons, name)) return DataType::kBool;
  if (name == "float_power") return DataType::kDouble;
  if (!contains(kPromoted, name)) return std::nullopt;
  ResultType result;
  for (const NamedArgument& given : call.arguments) {
    if (given.name == "out" || given.name == "alpha" || given.name == "value") continue;
    if (const auto* tensor = given.argument.as<Value*>(); tensor && (*tensor)->kind == ValueKind::kTensor)
      result.add((*tensor)->meta);
    else if (given.argument.as<Int>())
      result.add_number(DataType::kInt64);
    else if (given.argument.as<Float>())
      result.add_number(DataType::kFloat);
    else if (given.argument.as<Bool>())
      result.add_number(DataType::kBool);
    else if (given.argument.as<std::complex<double>>())
      result.add_number(DataType::kComplex64);
  }
  const DataType type = result.type();
  // Quotients of integers are real.
  const bool real = name == "div" || name == "divide" || name == "true_divide";
  return real && !call.find("rounding_mode") && (is_integer(type) || type == DataType::kBool)
             ? DataType::kFloat
             : type;
}

}  // namespace slipway::torch::ir
