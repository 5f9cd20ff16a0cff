// Between channels last, as ONNX Runtime lays out some of its own operators, and the standard's order.
#pragma once

#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {

// [N, spatial…, C] to [N, C, spatial…] and back. `rank` is that of the tensor.
Value* to_channels_first(NodeConversion& upgrade, Value* value, size_t rank);
Value* to_channels_last(NodeConversion& upgrade, Value* value, size_t rank);

// The rank of the node's first input, from its type or from the attribute kernel_shape. Throws kUnsupported
// when neither tells.
size_t spatial_rank(const NodeConversion& upgrade);

}  // namespace slipway::contrib_rule
