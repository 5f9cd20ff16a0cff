// Comparisons: of both operands in the type that PyTorch promotes them to.
#include <unordered_map>

#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

const char* operator_of(std::string_view name) {
  static const std::unordered_map<std::string_view, const char*> kOperators = {
      {"eq", "Equal"},          {"ne", "Equal"},       {"not_equal", "Equal"},
      {"ge", "GreaterOrEqual"}, {"gt", "Greater"},     {"greater_equal", "GreaterOrEqual"},
      {"greater", "Greater"},   {"le", "LessOrEqual"}, {"less_equal", "LessOrEqual"},
      {"less", "Less"},         {"lt", "Less"}};
  return kOperators.at(name);
}

}  // namespace

void convert_comparison(Conversion& c) {
  const std::string op_type = operator_of(operator_name(c));
  DataType type = common_type(c, {"self", "other"});
  // ONNX knows no order of truths.
  if (type == DataType::kBool && op_type != "Equal") type = DataType::kInt32;
  Value* self = operand(c, "self", type);
  Value* compared = c.emit(op_type, {self, operand(c, "other", type)});
  const bool negated = operator_name(c) == "ne" || operator_name(c) == "not_equal";
  c.result(negated ? c.emit("Not", {compared}) : compared);
}

// |self - other| ≤ atol + rtol · |other|; NaN equals nothing, unless it is told to.
void convert_isclose(Conversion& c) {
  const DataType type = common_type(c, {"self", "other"});
  const DataType computed = is_floating_point(type) ? type : DataType::kDouble;
  Value* self = operand(c, "self", computed);
  Value* other = operand(c, "other", computed);
  Value* size = c.emit("Mul", {c.emit("Abs", {other}), c.scalar(computed, c.number("rtol", 1e-5))});
  Value* allowed = c.emit("Add", {size, c.scalar(computed, c.number("atol", 1e-8))});
  Value* difference = c.emit("Abs", {c.emit("Sub", {self, other})});
  // Infinite ones are close to themselves only.
  Value* finite = c.emit("Not", {c.emit("IsInf", {difference})});
  Value* near = c.emit("And", {c.emit("LessOrEqual", {difference, allowed}), finite});
  Value* close = c.emit("Or", {near, c.emit("Equal", {self, other})});
  if (c.truth("equal_nan", false))
    close = c.emit("Or", {close, c.emit("And", {c.emit("IsNaN", {self}), c.emit("IsNaN", {other})})});
  c.result(close);
}

}  // namespace slipway::torch::aten
