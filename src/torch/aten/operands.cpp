#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {

Value* operand(Conversion& c, std::string_view argument, DataType type) {
  if (c.is_number(argument) && c.is_constant(argument)) return c.scalar(type, c.number(argument));
  Value* value = c.tensor(argument);
  if (!c.is_number(argument) && c.meta(argument).type == type) return value;
  return c.cast(value, type);
}

}  // namespace slipway::torch::aten
