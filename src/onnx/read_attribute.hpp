// AttributeProto.
#pragma once

#include <string_view>

#include "graph/node.hpp"
#include "onnx/read_context.hpp"

namespace slipway {

// Graphs in the attribute belong to `owner`, and see the values around it. A model of IR version 1 does not
// state an attribute's kind: it follows from the field that is there.
Attribute read_attribute(std::string_view message, Node* owner, ReadContext& context);

}  // namespace slipway
