// The larger and the smaller of two numbers, element by element, and bounds.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

// NaN if one of them is NaN. A truth is the larger one by "or".
Value* extremum(Conversion& c, Value* a, Value* b, bool larger, DataType type) {
  if (type == DataType::kBool) return c.emit(larger ? "Or" : "And", {a, b});
  return c.emit(larger ? "Max" : "Min", {a, b});
}

void convert_extremum(Conversion& c, bool larger) {
  const DataType type = c.result_meta().type;
  Value* self = operand(c, "self", type);
  c.result(extremum(c, self, operand(c, "other", type), larger, type));
}

// The one that is not NaN, if one is.
void convert_extremum_of_numbers(Conversion& c, bool larger) {
  const DataType type = c.result_meta().type;
  if (!is_floating_point(type)) return convert_extremum(c, larger);
  Value* self = operand(c, "self", type);
  Value* other = operand(c, "other", type);
  Value* both = extremum(c, self, other, larger, type);
  Value* number = c.emit("Where", {c.emit("IsNaN", {other}), self, both});
  c.result(c.emit("Where", {c.emit("IsNaN", {self}), other, number}));
}

bool is_scalar(const Conversion& c, std::string_view bound) {
  return !c.has(bound) || c.is_number(bound) || c.rank(bound) == 0;
}

}  // namespace

// maximum, max.other
void convert_maximum(Conversion& c) {
  convert_extremum(c, true);
}

void convert_minimum(Conversion& c) {
  convert_extremum(c, false);
}

void convert_fmax(Conversion& c) {
  convert_extremum_of_numbers(c, true);
}

void convert_fmin(Conversion& c) {
  convert_extremum_of_numbers(c, false);
}

// clamp, clip, clamp_min, clamp_max; the upper bound wins where they cross.
void convert_clamp(Conversion& c) {
  const DataType type = c.result_meta().type;
  if (type == DataType::kBool) c.refuse("bounds of truths have no counterpart in ONNX");
  Value* self = operand(c, "self", type);
  if (is_scalar(c, "min") && is_scalar(c, "max")) {
    Value* lowest = c.has("min") ? operand(c, "min", type) : nullptr;
    return c.result(c.emit("Clip", {self, lowest, c.has("max") ? operand(c, "max", type) : nullptr}));
  }
  if (c.has("min")) self = c.emit("Max", {self, operand(c, "min", type)});
  if (c.has("max")) self = c.emit("Min", {self, operand(c, "max", type)});
  c.result(self);
}

}  // namespace slipway::torch::aten
