// An element type that an attribute states by its number.
#pragma once

#include <string_view>

#include "graph/node.hpp"
#include "ops/type_set.hpp"

namespace slipway::ops {

// `otherwise` where the attribute is absent. Throws kInvalidModel when the number is no type of `allowed`.
DataType type_attribute(const Node& node, std::string_view attribute, DataType otherwise, TypeSet allowed);

}  // namespace slipway::ops
