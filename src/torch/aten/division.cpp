// Quotients and remainders. PyTorch rounds them down (as Python does), towards zero (as C does) or not at
// all.
#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/truncation.hpp"

namespace slipway::torch::aten {
namespace {

struct Operands {
  Value* dividend;
  Value* divisor;
  DataType type;
  bool positive_divisor;  // stated by the program
};

Operands operands(Conversion& c, DataType type) {
  if (type == DataType::kBool) c.refuse("quotients of truths have no counterpart in ONNX");
  const bool positive = c.is_number("other") && c.is_constant("other") && c.number("other") > 0;
  Value* dividend = operand(c, "self", type);
  return {dividend, operand(c, "other", type), type, positive};
}

Value* zero_of(Conversion& c, DataType type) {
  return c.scalar(type, int64_t{0});
}

bool is_unsigned(DataType type) {
  return type == DataType::kUint8 || type == DataType::kUint16 || type == DataType::kUint32 ||
         type == DataType::kUint64;
}

// C's remainder, which has the sign of the dividend.
Value* remainder_of_truncated(Conversion& c, const Operands& o) {
  return c.emit("Mod", {o.dividend, o.divisor}, {{"fmod", 1}});
}

// Has `remainder` (of a quotient cut off) another sign than the divisor? Then the quotient that is rounded
// down is less by one.
Value* has_other_sign(Conversion& c, const Operands& o, Value* remainder) {
  Value* zero = zero_of(c, o.type);
  Value* negative = c.emit("Less", {remainder, zero});
  if (o.positive_divisor) return negative;
  Value* differs = c.emit("Xor", {negative, c.emit("Less", {o.divisor, zero})});
  return c.emit("And", {differs, c.emit("Not", {c.emit("Equal", {remainder, zero})})});
}

Value* truncated_quotient(Conversion& c, const Operands& o) {
  Value* quotient = c.emit("Div", {o.dividend, o.divisor});
  return is_integer(o.type) ? quotient : truncated(c, quotient, o.type);
}

// Not the floor of the rounded quotient: 1 // 0.1 is 9, though 1 / 0.1 rounds to 10.
Value* floored_quotient(Conversion& c, const Operands& o) {
  if (is_unsigned(o.type)) return c.emit("Div", {o.dividend, o.divisor});
  Value* remainder = remainder_of_truncated(c, o);
  Value* less = converted(c, has_other_sign(c, o, remainder), DataType::kBool, o.type);
  if (is_integer(o.type)) return c.emit("Sub", {c.emit("Div", {o.dividend, o.divisor}), less});
  Value* whole = c.emit("Div", {c.emit("Sub", {o.dividend, remainder}), o.divisor});
  Value* floored = c.emit("Round", {c.emit("Sub", {whole, less})});
  if (o.positive_divisor) return floored;
  Value* by_zero = c.emit("Equal", {o.divisor, zero_of(c, o.type)});
  return c.emit("Where", {by_zero, c.emit("Div", {o.dividend, o.divisor}), floored});
}

// Python's remainder, which has the sign of the divisor.
Value* remainder_of_floored(Conversion& c, const Operands& o) {
  if (is_integer(o.type)) return c.emit("Mod", {o.dividend, o.divisor});
  Value* remainder = remainder_of_truncated(c, o);
  return c.emit("Where", {has_other_sign(c, o, remainder), c.emit("Add", {remainder, o.divisor}), remainder});
}

Value* quotient(Conversion& c, const Operands& o) {
  return c.emit("Div", {o.dividend, o.divisor});
}

void divide(Conversion& c, Value* (*quotient_of)(Conversion&, const Operands&)) {
  const DataType type = c.result_meta().type;
  const Operands o = operands(c, type_of_factors(c, {"other"}, type));
  c.result(converted(c, quotient_of(c, o), o.type, type));
}

}  // namespace

// div, divide, true_divide
void convert_div(Conversion& c) {
  const std::string mode = c.text("rounding_mode", "");
  if (mode == "floor") return divide(c, floored_quotient);
  if (mode == "trunc") return divide(c, truncated_quotient);
  if (!mode.empty()) fail(ErrorCode::kInvalidModel, "'{}' is no way of rounding", mode);
  divide(c, quotient);
}

void convert_floor_divide(Conversion& c) {
  divide(c, floored_quotient);
}

void convert_remainder(Conversion& c) {
  c.result(remainder_of_floored(c, operands(c, c.result_meta().type)));
}

void convert_fmod(Conversion& c) {
  c.result(remainder_of_truncated(c, operands(c, c.result_meta().type)));
}

}  // namespace slipway::torch::aten
