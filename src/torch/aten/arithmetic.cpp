// Sums, differences, products and quotients of tensors and numbers.
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {

// self + alpha · other
void convert_add(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* other = operand(c, "other", type);
  if (c.number("alpha", 1) != 1) other = c.emit("Mul", {other, operand(c, "alpha", type)});
  c.result(c.emit("Add", {operand(c, "self", type), other}));
}

}  // namespace slipway::torch::aten
