// What each version of each operator of ai.onnx takes: inputs, outputs, attributes and element types, for the
// versions that were in force from opset 7 on. The facts are in operator_versions.inc, which
// scripts/operator-versions writes from the standard's schemas.
#pragma once

#include <functional>
#include <string>

#include "graph/node.hpp"

namespace slipway {

// Why the node cannot stand as it is in a model of this opset: "attribute 'ceil_mode' came with opset 10". ""
// when it can. Types that are not known are not looked at. The node is one of ai.onnx and no function's call.
std::string reason_against(const Node& node, int64_t opset,
                           const std::function<const Type&(const Value&)>& type_of);

}  // namespace slipway
