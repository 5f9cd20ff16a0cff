#include "torch/ir/block.hpp"

#include <fmt/format.h>

#include <utility>

namespace slipway::torch::ir {

const Argument* Call::find(std::string_view name) const {
  for (const NamedArgument& given : arguments)
    if (given.name == name) return given.argument.is_none() ? nullptr : &given.argument;
  return nullptr;
}

Argument* Call::find(std::string_view name) {
  return const_cast<Argument*>(std::as_const(*this).find(name));
}

void Call::set(std::string_view name, Argument argument) {
  for (NamedArgument& given : arguments)
    if (given.name == name) {
      given.argument = std::move(argument);
      return;
    }
  arguments.push_back({std::string(name), std::move(argument)});
}

Value* Block::add_value(std::string like, ValueKind kind) {
  std::string name = like;
  if (names_.contains(name)) {
    // From the last number that was given on: a program may have as many "add" as it has calls.
    size_t& number = numbers_[like];
    do name = fmt::format("{}_{}", like, ++number);
    while (names_.contains(name));
  }
  Value& value = values_.emplace_back();
  value.name = name;
  value.kind = kind;
  names_.emplace(std::move(name), &value);
  return &value;
}

Value* Block::find_value(std::string_view name) {
  const auto found = names_.find(std::string(name));
  return found == names_.end() ? nullptr : found->second;
}

}  // namespace slipway::torch::ir
