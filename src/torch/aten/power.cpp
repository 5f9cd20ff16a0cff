// Powers and roots.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

Value* product(Conversion& c, Value* a, Value* b) {
  return c.emit("Mul", {a, b});
}

// Powers that have a shorter way, as PyTorch takes it; nullptr for others.
Value* by_products(Conversion& c, Value* base, double exponent, DataType type) {
  if (exponent == 1) return base;
  if (exponent == 2) return product(c, base, base);
  if (exponent == 3) return product(c, product(c, base, base), base);
  if (!is_floating_point(type)) return nullptr;
  if (exponent == 0.5) return c.emit("Sqrt", {base});
  if (exponent == -0.5) return c.emit("Reciprocal", {c.emit("Sqrt", {base})});
  if (exponent == -1) return c.emit("Reciprocal", {base});
  if (exponent == -2) return c.emit("Reciprocal", {product(c, base, base)});
  return nullptr;
}

// The type in which ONNX's Pow takes a base; narrow whole numbers are cut off again afterwards.
DataType type_of_base(DataType type) {
  return is_floating_point(type) || type == DataType::kInt32 ? type : DataType::kInt64;
}

void raise(Conversion& c, std::string_view base, std::string_view exponent) {
  const DataType type = c.result_meta().type;
  if (type == DataType::kBool) c.refuse("powers of truths have no counterpart in ONNX");
  if (c.is_number(exponent) && c.is_constant(exponent))
    if (Value* made = by_products(c, operand(c, base, type), c.number(exponent), type)) return c.result(made);
  const DataType computed = type_of_base(type);
  Value* value = operand(c, base, computed);
  c.result(converted(c, c.emit("Pow", {value, operand(c, exponent, computed)}), computed, type));
}

}  // namespace

void convert_pow(Conversion& c) {
  raise(c, "self", "exponent");
}

void convert_square(Conversion& c) {
  Value* self = operand(c, "self", c.result_meta().type);
  c.result(product(c, self, self));
}

void convert_rsqrt(Conversion& c) {
  c.result(c.emit("Reciprocal", {c.emit("Sqrt", {operand(c, "self", c.result_meta().type)})}));
}

void convert_exp2(Conversion& c) {
  const DataType type = c.result_meta().type;
  c.result(c.emit("Pow", {c.scalar(type, int64_t{2}), operand(c, "self", type)}));
}

}  // namespace slipway::torch::aten
