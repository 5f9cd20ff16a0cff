// Sums, differences and products of tensors and numbers.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

// A truth is added by "or" and multiplied by "and"; ONNX has no sums of them.
Value* sum(Conversion& c, Value* a, Value* b, DataType type) {
  return c.emit(type == DataType::kBool ? "Or" : "Add", {a, b});
}

Value* product(Conversion& c, Value* a, Value* b, DataType type) {
  return c.emit(type == DataType::kBool ? "And" : "Mul", {a, b});
}

// `argument` times the number `factor`, which is 1 when it is absent.
Value* scaled(Conversion& c, std::string_view argument, std::string_view factor, DataType type) {
  Value* value = operand(c, argument, type);
  const bool is_one = !c.has(factor) || (c.is_constant(factor) && c.number(factor) == 1);
  return is_one ? value : product(c, value, operand(c, factor, type), type);
}

bool is_zero(const Conversion& c, std::string_view argument) {
  return c.is_number(argument) && c.is_constant(argument) && c.number(argument) == 0;
}

}  // namespace

// self + alpha · other
void convert_add(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  if (is_zero(c, "other") && !c.is_number("self")) return c.result(self);
  c.result(sum(c, self, scaled(c, "other", "alpha", type), type));
}

// self - alpha · other
void convert_sub(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  if (is_zero(c, "other") && !c.is_number("self")) return c.result(self);
  c.result(c.emit("Sub", {self, scaled(c, "other", "alpha", type)}));
}

// other - alpha · self
void convert_rsub(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* other = operand(c, "other", type);
  c.result(c.emit("Sub", {other, scaled(c, "self", "alpha", type)}));
}

void convert_mul(Conversion& c) {
  const DataType type = c.result_meta().type, factors = type_of_factors(c, {"self", "other"}, type);
  Value* self = operand(c, "self", factors);
  c.result(converted(c, product(c, self, operand(c, "other", factors), factors), factors, type));
}

void convert_neg(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  const bool is_signed = is_floating_point(type) || type == DataType::kInt8 || type == DataType::kInt16 ||
                         type == DataType::kInt32 || type == DataType::kInt64;
  c.result(is_signed ? c.emit("Neg", {self}) : c.emit("Sub", {c.scalar(type, int64_t{0}), self}));
}

// self + value · tensor1 · tensor2
void convert_addcmul(Conversion& c) {
  const DataType result = c.result_meta().type, type = type_of_steps(result);
  Value* first = scaled(c, "tensor1", "value", type);
  Value* term = product(c, first, operand(c, "tensor2", type), type);
  c.result(converted(c, sum(c, operand(c, "self", type), term, type), type, result));
}

// self + value · tensor1 / tensor2
void convert_addcdiv(Conversion& c) {
  const DataType result = c.result_meta().type, type = type_of_steps(result);
  Value* first = scaled(c, "tensor1", "value", type);
  Value* term = c.emit("Div", {first, operand(c, "tensor2", type)});
  c.result(converted(c, c.emit("Add", {operand(c, "self", type), term}), type, result));
}

// self + weight · (end - self)
void convert_lerp(Conversion& c) {
  const DataType result = c.result_meta().type, type = type_of_steps(result);
  Value* self = operand(c, "self", type);
  Value* difference = c.emit("Sub", {operand(c, "end", type), self});
  c.result(converted(c, c.emit("Add", {self, c.emit("Mul", {operand(c, "weight", type), difference})}), type,
                     result));
}

// sqrt(self² + other²)
void convert_hypot(Conversion& c) {
  const DataType result = c.result_meta().type, type = type_of_steps(result);
  const auto square = [&](Value* value) { return c.emit("Mul", {value, value}); };
  Value* first = square(operand(c, "self", type));
  c.result(converted(c, c.emit("Sqrt", {c.emit("Add", {first, square(operand(c, "other", type))})}), type,
                     result));
}

}  // namespace slipway::torch::aten
