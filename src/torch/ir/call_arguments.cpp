#include "torch/ir/call_arguments.hpp"

namespace slipway::torch::ir {
namespace {

constexpr std::string_view kAten = "aten.";

}  // namespace

std::string_view aten_name(const Call& call) {
  std::string_view target = call.target;
  if (!target.starts_with(kAten)) return "";
  target.remove_prefix(kAten.size());
  return target.substr(0, target.find('.'));
}

std::string_view overload_of(const Call& call) {
  const std::string_view target = call.target;
  const size_t first = target.find('.');
  const size_t second = first == std::string_view::npos ? first : target.find('.', first + 1);
  return second == std::string_view::npos ? "" : target.substr(second + 1);
}

Value* tensor_argument(const Call& call, std::string_view name) {
  const Argument* argument = call.find(name);
  const auto* value = argument ? argument->as<Value*>() : nullptr;
  return value && (*value)->kind == ValueKind::kTensor ? *value : nullptr;
}

std::optional<int64_t> int_argument(const Call& call, std::string_view name, std::optional<int64_t> missing) {
  const Argument* argument = call.find(name);
  if (!argument) return missing;
  const auto* number = argument->as<Int>();
  if (!number || !number->is_constant()) return std::nullopt;
  return number->constant;
}

std::optional<double> number_argument(const Call& call, std::string_view name) {
  const Argument* argument = call.find(name);
  if (!argument) return std::nullopt;
  if (const auto* number = argument->as<Float>(); number && number->is_constant()) return number->constant;
  if (const auto* number = argument->as<Int>(); number && number->is_constant())
    return static_cast<double>(number->constant);
  return std::nullopt;
}

std::optional<bool> bool_argument(const Call& call, std::string_view name, std::optional<bool> missing) {
  const Argument* argument = call.find(name);
  if (!argument) return missing;
  const auto* flag = argument->as<Bool>();
  if (!flag || !flag->is_constant()) return std::nullopt;
  return flag->constant;
}

std::optional<std::vector<int64_t>> ints_argument(const Call& call, std::string_view name) {
  const Argument* argument = call.find(name);
  if (!argument) return std::nullopt;
  if (const std::optional<int64_t> number = int_argument(call, name)) return std::vector{*number};
  const auto* list = argument->as<std::vector<Int>>();
  if (!list) return std::nullopt;
  std::vector<int64_t> result;
  for (const Int& number : *list) {
    if (!number.is_constant()) return std::nullopt;
    result.push_back(number.constant);
  }
  return result;
}

}  // namespace slipway::torch::ir
