#include "torch/aten/operands.hpp"

#include <cmath>

#include "torch/ir/promotion.hpp"

namespace slipway::torch::aten {
namespace {

bool is_unsigned(DataType type) {
  return type == DataType::kUint8 || type == DataType::kUint16 || type == DataType::kUint32;
}

Value* whole_number(Conversion& c, std::string_view argument, DataType type) {
  int64_t number = 0;
  if (c.call().find(argument)->as<ir::Float>()) {
    const double real = c.number(argument);
    if (!(std::fabs(real) < 9.2e18)) return c.scalar(type, real);  // which says what is wrong
    number = static_cast<int64_t>(real);
  } else {
    number = c.integer(argument);
  }
  if (number < 0 && is_unsigned(type)) number += int64_t{1} << bits_of(type);
  return c.scalar(type, number);
}

// The type of a number that is known only when the model runs.
DataType run_time_type(const ir::Argument& number) {
  if (number.as<ir::Bool>()) return DataType::kBool;
  return number.as<ir::Int>() ? DataType::kInt64 : DataType::kDouble;
}

}  // namespace

std::string_view operator_name(const Conversion& c) {
  const std::string_view target = c.call().target;
  const size_t begin = target.find('.') + 1;
  return target.substr(begin, target.find('.', begin) - begin);
}

Value* converted(Conversion& c, Value* value, DataType from, DataType to) {
  return from == to ? value : c.emit("Cast", {value}, {{"to", to}});
}

Value* operand(Conversion& c, std::string_view argument, DataType type) {
  if (!c.is_number(argument)) return converted(c, c.tensor(argument), c.meta(argument).type, type);
  if (!c.is_constant(argument))
    return converted(c, c.tensor(argument), run_time_type(*c.call().find(argument)), type);
  if (is_integer(type)) return whole_number(c, argument, type);
  return c.scalar(type, c.number(argument));
}

DataType common_type(const Conversion& c, std::initializer_list<std::string_view> arguments) {
  ir::ResultType result;
  for (const std::string_view argument : arguments) {
    const ir::Argument* given = c.call().find(argument);
    if (!given) continue;
    if (given->as<ir::Float>())
      result.add_number(DataType::kFloat);
    else if (given->as<ir::Int>())
      result.add_number(DataType::kInt64);
    else if (given->as<ir::Bool>())
      result.add_number(DataType::kBool);
    else
      result.add(c.meta(argument));
  }
  return result.type();
}

}  // namespace slipway::torch::aten
