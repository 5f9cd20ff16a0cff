// Lists in attributes.
#pragma once

#include <string_view>
#include <vector>

#include "graph/node.hpp"

namespace slipway::ops {

// Nothing in it where the attribute is absent or of another kind, which the schema's check refuses.
template <typename T>
std::vector<T> list_attribute(const Node& node, std::string_view name) {
  const Attribute* attribute = node.find_attribute(name);
  const auto* list = attribute ? attribute->as<std::vector<T>>() : nullptr;
  return list ? *list : std::vector<T>();
}

// The tensor in an attribute, or nullptr.
inline const Tensor* tensor_attribute(const Node& node, std::string_view name) {
  const Attribute* attribute = node.find_attribute(name);
  const auto* constant = attribute ? attribute->as<Constant>() : nullptr;
  return constant ? &constant->tensor : nullptr;
}

}  // namespace slipway::ops
