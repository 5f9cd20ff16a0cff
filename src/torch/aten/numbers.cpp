// Sizes and other numbers that are known only when the model runs, where no expression over the inputs' sizes
// says what they are. Whole numbers are i64[1], truths and reals tensors of rank 0.
#include <unordered_map>

#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

ir::ValueKind result_kind(const Conversion& c) {
  const auto& outputs = c.call().outputs;
  return outputs.empty() || !outputs[0] ? ir::ValueKind::kOther : outputs[0]->kind;
}

DataType type_of_kind(const Conversion& c, ir::ValueKind kind) {
  switch (kind) {
    case ir::ValueKind::kInt:
      return DataType::kInt64;
    case ir::ValueKind::kFloat:
      return DataType::kDouble;
    case ir::ValueKind::kBool:
      return DataType::kBool;
    default:
      c.refuse("its result is no number");
  }
}

// A tensor of rank 0 as the result, in the form of its kind.
void number_result(Conversion& c, Value* scalar) {
  c.result(result_kind(c) == ir::ValueKind::kInt ? unsqueeze(c, scalar, {0}) : scalar);
}

// The names that Python gives the operands of its operators.
const char* first_operand(const Conversion& c) {
  return c.has("a") ? "a" : c.has("x") ? "x" : "number";
}

// The type in which two numbers are combined: reals as soon as one is.
DataType type_of_operands(const Conversion& c) {
  DataType type = DataType::kBool;
  for (const ir::NamedArgument& given : c.call().arguments) {
    if (given.argument.as<ir::Float>()) return DataType::kDouble;
    if (given.argument.as<ir::Int>()) type = DataType::kInt64;
  }
  return type;
}

}  // namespace

// sym_size.int
void convert_sym_size(Conversion& c) {
  const int64_t axis = c.axis("dim", c.rank("self"));
  c.result(c.emit("Shape", {c.tensor("self")}, {{"start", axis}, {"end", axis + 1}}));
}

void convert_sym_numel(Conversion& c) {
  c.result(unsqueeze(c, c.emit("Size", {c.tensor("self")}), {0}));
}

// item, _local_scalar_dense: the one element of a tensor
void convert_item(Conversion& c) {
  const ir::TensorMeta& meta = c.meta("self");
  Value* self = converted(c, c.tensor("self"), meta.type, type_of_kind(c, result_kind(c)));
  if (result_kind(c) == ir::ValueKind::kInt)
    return c.result(meta.sizes.size() == 1 ? self : c.emit("Reshape", {self, c.ints({1})}));
  c.result(meta.sizes.empty() ? self : c.emit("Squeeze", {self}));
}

// Python's operators of two numbers that ONNX has too.
void convert_number_operator(Conversion& c) {
  static const std::unordered_map<std::string_view, const char*> kOperators = {
      {"add", "Add"},    {"sub", "Sub"},           {"mul", "Mul"},  {"sym_max", "Max"},
      {"max", "Max"},    {"sym_min", "Min"},       {"min", "Min"},  {"mod", "Mod"},
      {"eq", "Equal"},   {"ne", "Equal"},          {"lt", "Less"},  {"le", "LessOrEqual"},
      {"gt", "Greater"}, {"ge", "GreaterOrEqual"}, {"and_", "And"}, {"or_", "Or"}};
  const std::string_view name = operator_name(c);
  DataType type = type_of_operands(c);
  const bool of_truths = name == "and_" || name == "or_";
  if (of_truths && type != DataType::kBool) c.refuse("it combines bits of numbers");
  if (!of_truths && type == DataType::kBool) type = DataType::kInt64;
  if (name == "mod" && type != DataType::kInt64) c.refuse("it is a remainder of reals");
  Value* a = operand(c, "a", type);
  Value* result = c.emit(kOperators.at(name), {a, operand(c, "b", type)});
  number_result(c, name == "ne" ? c.emit("Not", {result}) : result);
}

void convert_number_quotient(Conversion& c) {
  const bool floor = operator_name(c) == "floordiv" || operator_name(c) == "IntTrueDiv_floor";
  const DataType type =
      floor && type_of_operands(c) != DataType::kDouble ? DataType::kInt64 : DataType::kDouble;
  Value* a = operand(c, "a", type);
  Value* b = operand(c, "b", type);
  if (!floor) return number_result(c, c.emit("Div", {a, b}));
  if (type == DataType::kDouble) return number_result(c, c.emit("Floor", {c.emit("Div", {a, b})}));
  // Mod has the divisor's sign: what remains of a divides evenly.
  number_result(c, c.emit("Div", {c.emit("Sub", {a, c.emit("Mod", {a, b})}), b}));
}

void convert_number_power(Conversion& c) {
  const DataType type = type_of_kind(c, result_kind(c));
  Value* a = operand(c, "a", type);
  number_result(c, c.emit("Pow", {a, operand(c, "b", type)}));
}

// neg, abs, sqrt and other functions of one number
void convert_number_function(Conversion& c) {
  static const std::unordered_map<std::string_view, const char*> kOperators = {
      {"neg", "Neg"},       {"abs", "Abs"},   {"sqrt", "Sqrt"},     {"_sym_sqrt", "Sqrt"},
      {"sym_sqrt", "Sqrt"}, {"cos", "Cos"},   {"_sym_cos", "Cos"},  {"sin", "Sin"},
      {"_sym_sin", "Sin"},  {"exp", "Exp"},   {"_sym_exp", "Exp"},  {"log", "Log"},
      {"_sym_log", "Log"},  {"tanh", "Tanh"}, {"_sym_tanh", "Tanh"}};
  const DataType type = type_of_kind(c, result_kind(c));
  number_result(c, c.emit(kOperators.at(operator_name(c)), {operand(c, first_operand(c), type)}));
}

// floor, ceil, trunc, round, int: whole numbers of reals
void convert_number_rounding(Conversion& c) {
  const std::string_view name = operator_name(c);
  Value* number = operand(c, first_operand(c), DataType::kDouble);
  if (name == "floor") number = c.emit("Floor", {number});
  if (name == "ceil") number = c.emit("Ceil", {number});
  if (name == "round") number = c.emit("Round", {number});
  number_result(c, converted(c, number, DataType::kDouble, type_of_kind(c, result_kind(c))));
}

void convert_sym_float(Conversion& c) {
  number_result(c, operand(c, first_operand(c), DataType::kDouble));
}

void convert_sym_not(Conversion& c) {
  number_result(c, c.emit("Not", {operand(c, first_operand(c), DataType::kBool)}));
}

void convert_sym_ite(Conversion& c) {
  const DataType type = type_of_kind(c, result_kind(c));
  Value* condition = operand(c, c.has("b") ? "b" : "pred", DataType::kBool);
  Value* chosen = operand(c, c.has("t") ? "t" : "a", type);
  number_result(c, c.emit("Where", {condition, chosen, operand(c, "f", type)}));
}

}  // namespace slipway::torch::aten
