// Reals without what stands behind the point.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// ONNX rounds up, down and to the nearest, but not towards zero. NaN and infinity stay.
Value* truncated(Conversion& c, Value* value, DataType type);

}  // namespace slipway::torch::aten
