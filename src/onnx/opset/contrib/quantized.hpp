// Between quantised tensors and the real numbers that they stand for.
#pragma once

#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {

// Of the node's inputs `first` (the elements), `first` + 1 (their scale) and `first` + 2 (their zero point,
// which may be absent).
Value* real_input(NodeConversion& upgrade, size_t first);
// The node's output is `real` with the scale in input `scale` and the zero point behind it; without one, of
// the type of the elements in input `like`.
void finish_quantized(NodeConversion& upgrade, Value* real, size_t scale, size_t like);

}  // namespace slipway::contrib_rule
