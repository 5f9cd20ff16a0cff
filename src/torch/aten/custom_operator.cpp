// Calls that the user keeps: one node of another domain each.
#include <fmt/format.h>

#include "base/error.hpp"
#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {
namespace {

// The attribute that a constant becomes; nothing for what ONNX has no attribute for.
std::optional<AttributeValue> attribute_of(const Conversion& c, const ir::NamedArgument& given) {
  const ir::Argument& argument = given.argument;
  if (const auto* text = argument.as<std::string>()) return AttributeValue(*text);
  if (const auto* type = argument.as<DataType>()) return AttributeValue(*type);
  if (argument.as<ir::Int>() || argument.as<ir::Bool>()) return AttributeValue(c.any_integer(given.name));
  if (argument.as<ir::Float>()) return AttributeValue(c.number(given.name));
  if (argument.as<std::vector<ir::Int>>() || argument.as<std::vector<ir::Bool>>())
    return AttributeValue(c.any_integers(given.name));
  if (argument.as<std::vector<ir::Float>>()) {
    const auto numbers = c.numbers(given.name);
    return AttributeValue(std::vector<float>(numbers.begin(), numbers.end()));
  }
  return {};
}

}  // namespace

void keep_as_custom_operator(Conversion& c, const std::string& name) {
  const size_t colon = name.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == name.size())
    fail(ErrorCode::kInvalidArgument, "'{}' is no DOMAIN:OPERATOR", name);
  std::vector<Value*> inputs;
  Attributes attributes;
  for (const ir::NamedArgument& given : c.call().arguments) {
    if (given.argument.is_none()) continue;
    if (given.argument.as<ir::Value*>() || given.argument.as<ir::Tensors>()) {
      for (Value* value : c.optional_tensors(given.name)) inputs.push_back(value);
    } else if (auto attribute = attribute_of(c, given)) {
      attributes.emplace_back(given.name, std::move(*attribute));
    } else {
      c.refuse(fmt::format("its argument '{}' is nothing that a node of ONNX can have", given.name));
    }
  }
  const auto outputs = c.emit_several(name.substr(colon + 1), std::move(inputs), c.call().outputs.size(),
                                      attributes, name.substr(0, colon));
  for (size_t i = 0; i < outputs.size(); ++i) c.result(i, outputs[i]);
}

}  // namespace slipway::torch::aten
