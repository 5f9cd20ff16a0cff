// Functions of one number each, as school has them.
#include <cmath>
#include <limits>
#include <numbers>
#include <unordered_map>

#include "torch/aten/angle.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/truncation.hpp"

namespace slipway::torch::aten {
namespace {

// The operator of ONNX that is the same.
std::string same_operator(std::string_view name) {
  static const std::unordered_map<std::string_view, std::string_view> kOperators = {
      {"acos", "Acos"},
      {"acosh", "Acosh"},
      {"arccos", "Acos"},
      {"arccosh", "Acosh"},
      {"arcsin", "Asin"},
      {"arcsinh", "Asinh"},
      {"arctan", "Atan"},
      {"arctanh", "Atanh"},
      {"asin", "Asin"},
      {"asinh", "Asinh"},
      {"atan", "Atan"},
      {"atanh", "Atanh"},
      {"ceil", "Ceil"},
      {"cos", "Cos"},
      {"cosh", "Cosh"},
      {"erf", "Erf"},
      {"exp", "Exp"},
      {"floor", "Floor"},
      {"log", "Log"},
      {"reciprocal", "Reciprocal"},
      {"round", "Round"},
      {"sign", "Sign"},
      {"sgn", "Sign"},
      {"sin", "Sin"},
      {"sinh", "Sinh"},
      {"sqrt", "Sqrt"},
      {"special_erf", "Erf"},
      {"tan", "Tan"},
      {"special_round", "Round"}};
  return std::string(kOperators.at(name));
}

DataType result_type(const Conversion& c) {
  return c.result_meta().type;
}

Value* self_of(Conversion& c) {
  return operand(c, "self", result_type(c));
}

Value* number(Conversion& c, double value) {
  return c.scalar(result_type(c), value);
}

Value* is_negative(Conversion& c, Value* value, DataType type) {
  if (!is_floating_point(type)) return c.emit("Less", {value, c.scalar(type, int64_t{0})});
  // Minus zero is negative too: its reciprocal tells.
  Value* is_zero = c.emit("Equal", {value, c.scalar(type, 0.0)});
  Value* telling = c.emit("Where", {is_zero, c.emit("Reciprocal", {value}), value});
  return c.emit("Less", {telling, c.scalar(type, 0.0)});
}

}  // namespace

Value* truncated(Conversion& c, Value* value, DataType) {
  return c.emit("Mul", {c.emit("Sign", {value}), c.emit("Floor", {c.emit("Abs", {value})})});
}

Value* angle(Conversion& c, Value* y, Value* x, DataType type) {
  const auto real = [&](double value) { return c.scalar(type, value); };
  // On the axis of x, the origin included, the quotient is 0.
  Value* slope = c.emit("Where", {c.emit("Equal", {y, real(0)}), real(0), c.emit("Div", {y, x})});
  Value* half_turn =
      c.emit("Where", {is_negative(c, y, type), real(-std::numbers::pi), real(std::numbers::pi)});
  Value* turn = c.emit("Where", {c.emit("Less", {x, real(0)}), half_turn, real(0)});
  return c.emit("Add", {c.emit("Atan", {slope}), turn});
}

void convert_function(Conversion& c) {
  c.result(c.emit(same_operator(operator_name(c)), {self_of(c)}));
}

// Whole numbers stay as they are: floor, ceil, round, trunc, fix, and sign of truths.
void convert_rounding(Conversion& c) {
  Value* self = self_of(c);
  if (!is_floating_point(result_type(c))) return c.result(self);
  const std::string_view name = operator_name(c);
  c.result(name == "trunc" || name == "fix" ? truncated(c, self, result_type(c))
                                            : c.emit(same_operator(name), {self}));
}

void convert_sign(Conversion& c) {
  Value* self = self_of(c);
  c.result(result_type(c) == DataType::kBool ? self : c.emit("Sign", {self}));
}

void convert_abs(Conversion& c) {
  Value* self = self_of(c);
  c.result(result_type(c) == DataType::kBool ? self : c.emit("Abs", {self}));
}

// round.decimals: to the nearest of the multiples of 10^-decimals.
void convert_round_decimals(Conversion& c) {
  Value* self = self_of(c);
  if (!is_floating_point(result_type(c))) return c.result(self);
  const auto decimals = c.integer("decimals");
  if (decimals == 0) return c.result(c.emit("Round", {self}));
  Value* power = number(c, std::pow(10.0, std::abs(static_cast<double>(decimals))));
  const bool fine = decimals > 0;
  Value* rounded = c.emit("Round", {c.emit(fine ? "Mul" : "Div", {self, power})});
  c.result(c.emit(fine ? "Div" : "Mul", {rounded, power}));
}

// What stands behind the point, with the sign of the number.
void convert_frac(Conversion& c) {
  c.result(c.emit("Mod", {self_of(c), number(c, 1)}, {{"fmod", 1}}));
}

void convert_log2(Conversion& c) {
  c.result(c.emit("Div", {c.emit("Log", {self_of(c)}), number(c, std::numbers::ln2)}));
}

void convert_log10(Conversion& c) {
  c.result(c.emit("Div", {c.emit("Log", {self_of(c)}), number(c, std::numbers::ln10)}));
}

// log(1 + x), and what the sum has lost of a small x.
void convert_log1p(Conversion& c) {
  Value* self = self_of(c);
  Value* one = number(c, 1);
  Value* logarithm = c.emit("Log", {c.emit("Add", {self, one})});
  Value* small = c.emit("Min", {self, one});
  Value* kept = c.emit("Sub", {c.emit("Add", {small, one}), one});
  c.result(c.emit("Add", {logarithm, c.emit("Sub", {small, kept})}));
}

// exp(x) - 1 = tanh(x/2) (exp(x) + 1), which keeps the digits of a small x.
void convert_expm1(Conversion& c) {
  Value* self = self_of(c);
  Value* half = c.emit("Tanh", {c.emit("Mul", {self, number(c, 0.5)})});
  c.result(c.emit("Mul", {half, c.emit("Add", {c.emit("Exp", {self}), number(c, 1)})}));
}

void convert_erfc(Conversion& c) {
  c.result(c.emit("Sub", {number(c, 1), c.emit("Erf", {self_of(c)})}));
}

// sin(πx)/πx
void convert_sinc(Conversion& c) {
  Value* self = self_of(c);
  Value* angle = c.emit("Mul", {self, number(c, std::numbers::pi)});
  Value* quotient = c.emit("Div", {c.emit("Sin", {angle}), angle});
  c.result(c.emit("Where", {c.emit("Equal", {self, number(c, 0)}), number(c, 1), quotient}));
}

// log(x/(1 - x))
void convert_logit(Conversion& c) {
  Value* self = self_of(c);
  if (c.has("eps")) {
    const double eps = c.number("eps");
    self = c.emit("Clip", {self, number(c, eps), number(c, 1 - eps)});
  }
  c.result(c.emit("Log", {c.emit("Div", {self, c.emit("Sub", {number(c, 1), self})})}));
}

void convert_deg2rad(Conversion& c) {
  c.result(c.emit("Mul", {self_of(c), number(c, std::numbers::pi / 180)}));
}

void convert_rad2deg(Conversion& c) {
  c.result(c.emit("Mul", {self_of(c), number(c, 180 / std::numbers::pi)}));
}

// The angle of the point (other, self).
void convert_atan2(Conversion& c) {
  Value* y = self_of(c);
  c.result(angle(c, y, operand(c, "other", result_type(c)), result_type(c)));
}

// Of a number on the real axis: π below zero. (That of complex numbers: complex.cpp.)
void convert_angle(Conversion& c) {
  Value* self = self_of(c);
  Value* angle =
      c.emit("Where", {c.emit("Less", {self, number(c, 0)}), number(c, std::numbers::pi), number(c, 0)});
  c.result(c.emit("Where", {c.emit("IsNaN", {self}), self, angle}));
}

// self · log(other), and 0 where self is 0, unless other is NaN.
void convert_xlogy(Conversion& c) {
  Value* self = self_of(c);
  Value* other = operand(c, "other", result_type(c));
  Value* is_zero = c.emit("Equal", {self, number(c, 0)});
  Value* product = c.emit("Mul", {self, c.emit("Log", {other})});
  Value* zero_or_nan = c.emit("Where", {c.emit("IsNaN", {other}), other, number(c, 0)});
  c.result(c.emit("Where", {is_zero, zero_or_nan, product}));
}

// log(exp(self) + exp(other)), without exponents that overflow; equal ones may be infinite.
void convert_logaddexp(Conversion& c) {
  const bool binary = operator_name(c) == "logaddexp2";
  Value* self = self_of(c);
  Value* other = operand(c, "other", result_type(c));
  Value* unit = number(c, std::numbers::ln2);
  Value* distance = c.emit("Neg", {c.emit("Abs", {c.emit("Sub", {self, other})})});
  if (binary) distance = c.emit("Mul", {distance, unit});
  Value* more = c.emit("Softplus", {distance});
  Value* for_equal = unit;
  if (binary) {
    more = c.emit("Div", {more, unit});
    for_equal = number(c, 1);
  }
  Value* larger = c.emit("Max", {self, other});
  Value* summand = c.emit("Where", {c.emit("Equal", {self, other}), for_equal, more});
  c.result(c.emit("Add", {larger, summand}));
}

void convert_signbit(Conversion& c) {
  const DataType type = c.meta("self").type;
  if (type == DataType::kBool) return c.result(c.emit("Xor", {c.tensor("self"), c.tensor("self")}));
  c.result(is_negative(c, c.tensor("self"), type));
}

// The magnitude of self with the sign of other.
void convert_copysign(Conversion& c) {
  Value* size = c.emit("Abs", {self_of(c)});
  Value* negative = is_negative(c, operand(c, "other", result_type(c)), result_type(c));
  c.result(c.emit("Where", {negative, c.emit("Neg", {size}), size}));
}

// 0 below zero, 1 above it, `values` at it.
void convert_heaviside(Conversion& c) {
  const DataType type = result_type(c);
  if (type == DataType::kBool) c.refuse("a step of truths has no counterpart in ONNX");
  Value* self = self_of(c);
  Value* zero = c.scalar(type, int64_t{0});
  Value* above = c.emit("Cast", {c.emit("Greater", {self, zero})}, {{"to", type}});
  c.result(c.emit("Where", {c.emit("Equal", {self, zero}), operand(c, "values", type), above}));
}

// --- NaN and infinity ---

namespace {

// No whole number is NaN or infinite.
Value* never(Conversion& c) {
  Value* self = c.tensor("self");
  return c.emit("Not", {c.emit("Equal", {self, self})});
}

}  // namespace

void convert_isnan(Conversion& c) {
  c.result(is_floating_point(c.meta("self").type) ? c.emit("IsNaN", {c.tensor("self")}) : never(c));
}

// isinf, isposinf, isneginf
void convert_isinf(Conversion& c) {
  if (!is_floating_point(c.meta("self").type)) return c.result(never(c));
  Attributes attributes;
  if (operator_name(c) == "isposinf") attributes.emplace_back("detect_negative", 0);
  if (operator_name(c) == "isneginf") attributes.emplace_back("detect_positive", 0);
  c.result(c.emit("IsInf", {c.tensor("self")}, attributes));
}

void convert_isfinite(Conversion& c) {
  const DataType type = c.meta("self").type;
  Value* self = c.tensor("self");
  if (!is_floating_point(type)) return c.result(c.emit("Equal", {self, self}));
  Value* infinity = c.scalar(type, std::numeric_limits<double>::infinity());
  c.result(c.emit("Less", {c.emit("Abs", {self}), infinity}));
}

namespace {

double largest(const Conversion& c, DataType type) {
  switch (type) {
    case DataType::kFloat:
      return std::numeric_limits<float>::max();
    case DataType::kDouble:
      return std::numeric_limits<double>::max();
    case DataType::kFloat16:
      return 65504;
    case DataType::kBfloat16:
      return 0x1.fep127;
    default:
      c.refuse("the largest number of this type is not known");
  }
}

// `value` where self is infinite to that side.
Value* in_place_of_infinity(Conversion& c, Value* self, std::string_view argument, double otherwise,
                            const char* other_side) {
  Value* infinite = c.emit("IsInf", {c.tensor("self")}, {{other_side, 0}});
  return c.emit("Where", {infinite, number(c, c.number(argument, otherwise)), self});
}

}  // namespace

void convert_nan_to_num(Conversion& c) {
  const DataType type = result_type(c);
  Value* self = self_of(c);
  if (!is_floating_point(type)) return c.result(self);
  const double most = largest(c, type);
  Value* filled = c.emit("Where", {c.emit("IsNaN", {self}), number(c, c.number("nan", 0)), self});
  // Bounds that no other number reaches: one Clip for both.
  if (!c.has("posinf") && !c.has("neginf"))
    return c.result(c.emit("Clip", {filled, number(c, -most), number(c, most)}));
  filled = in_place_of_infinity(c, filled, "posinf", most, "detect_negative");
  c.result(in_place_of_infinity(c, filled, "neginf", -most, "detect_positive"));
}

}  // namespace slipway::torch::aten
