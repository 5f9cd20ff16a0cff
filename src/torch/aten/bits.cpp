// Operators of truths, and of the bits of whole numbers.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

void combine(Conversion& c, const char* of_truths, const char* of_bits) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  c.result(c.emit(type == DataType::kBool ? of_truths : of_bits, {self, operand(c, "other", type)}));
}

void combine_truths(Conversion& c, const char* op_type) {
  Value* self = operand(c, "self", DataType::kBool);
  c.result(c.emit(op_type, {self, operand(c, "other", DataType::kBool)}));
}

bool is_unsigned(DataType type) {
  return type == DataType::kUint8 || type == DataType::kUint16 || type == DataType::kUint32 ||
         type == DataType::kUint64;
}

// The unsigned type of as many bits.
DataType unsigned_of(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return DataType::kUint8;
    case DataType::kInt16:
      return DataType::kUint16;
    case DataType::kInt32:
      return DataType::kUint32;
    case DataType::kInt64:
      return DataType::kUint64;
    default:
      return type;
  }
}

// Cast keeps the bits between whole numbers of as many; BitCast came late.
Value* same_bits(Conversion& c, Value* value, DataType from, DataType to) {
  return converted(c, value, from, to);
}

Value* shifted(Conversion& c, Value* value, Value* count, const char* direction) {
  return c.emit("BitShift", {value, count}, {{"direction", direction}});
}

}  // namespace

// bitwise_and and __and__, and so on
void convert_bitwise_and(Conversion& c) {
  combine(c, "And", "BitwiseAnd");
}

void convert_bitwise_or(Conversion& c) {
  combine(c, "Or", "BitwiseOr");
}

void convert_bitwise_xor(Conversion& c) {
  combine(c, "Xor", "BitwiseXor");
}

void convert_bitwise_not(Conversion& c) {
  c.result(c.emit(c.result_meta().type == DataType::kBool ? "Not" : "BitwiseNot", {c.tensor("self")}));
}

void convert_logical_and(Conversion& c) {
  combine_truths(c, "And");
}

void convert_logical_or(Conversion& c) {
  combine_truths(c, "Or");
}

void convert_logical_xor(Conversion& c) {
  combine_truths(c, "Xor");
}

void convert_logical_not(Conversion& c) {
  c.result(c.emit("Not", {operand(c, "self", DataType::kBool)}));
}

// ONNX shifts unsigned numbers only.
void convert_left_shift(Conversion& c) {
  const DataType type = c.result_meta().type;
  const DataType bits = unsigned_of(type);
  Value* self = same_bits(c, operand(c, "self", type), type, bits);
  Value* count = same_bits(c, operand(c, "other", type), type, bits);
  c.result(same_bits(c, shifted(c, self, count, "LEFT"), bits, type));
}

// Of a negative number the bits that come in are ones: those of the number below zero, turned over twice.
void convert_right_shift(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  Value* other = operand(c, "other", type);
  if (is_unsigned(type)) return c.result(shifted(c, self, other, "RIGHT"));
  const DataType bits = unsigned_of(type);
  Value* negative = c.emit("Less", {self, c.scalar(type, int64_t{0})});
  const auto turned = [&](Value* value) {
    return c.emit("Where", {negative, c.emit("BitwiseNot", {value}), value});
  };
  Value* positive = same_bits(c, turned(self), type, bits);
  Value* moved = shifted(c, positive, same_bits(c, other, type, bits), "RIGHT");
  c.result(turned(same_bits(c, moved, bits, type)));
}

}  // namespace slipway::torch::aten
