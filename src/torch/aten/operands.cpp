#include "torch/aten/operands.hpp"

#include <algorithm>
#include <cmath>

#include "tensor/small_float.hpp"
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
    number = c.any_integer(argument);
  }
  if (number < 0 && is_unsigned(type)) number += int64_t{1} << bits_of(type);
  return c.scalar(type, number);
}

bool is_half(DataType type) {
  return type == DataType::kFloat16 || type == DataType::kBfloat16;
}

bool has_more_digits(const Conversion& c, std::string_view operand, DataType half) {
  if (!c.is_number(operand))
    return c.meta(operand).type == DataType::kFloat || c.meta(operand).type == DataType::kDouble;
  if (!c.is_constant(operand)) return true;
  const double number = c.number(operand);
  const float rounded =
      half == DataType::kFloat16 ? static_cast<float>(Float16(number)) : static_cast<float>(Bfloat16(number));
  return rounded != static_cast<float>(number) && !std::isnan(number);
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

DataType type_of_steps(DataType type) {
  return is_half(type) ? DataType::kFloat : type;
}

DataType type_of_factors(const Conversion& c, std::initializer_list<std::string_view> operands,
                         DataType type) {
  const auto more = [&](std::string_view operand) { return has_more_digits(c, operand, type); };
  return is_half(type) && std::any_of(operands.begin(), operands.end(), more) ? DataType::kFloat : type;
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
