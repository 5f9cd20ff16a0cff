// A choice between two, element by element.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {

void convert_where(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* condition = operand(c, "condition", DataType::kBool);
  Value* self = operand(c, "self", type);
  c.result(c.emit("Where", {condition, self, operand(c, "other", type)}));
}

void convert_masked_fill(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* mask = operand(c, "mask", DataType::kBool);
  Value* value = operand(c, "value", type);
  c.result(c.emit("Where", {mask, value, operand(c, "self", type)}));
}

}  // namespace slipway::torch::aten
