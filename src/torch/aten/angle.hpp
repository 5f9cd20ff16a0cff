// The angle of the point (x, y), from -π to π: below the axis of x it is negative, and on it too if y is -0.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// Both values are reals of `type`.
Value* angle(Conversion& c, Value* y, Value* x, DataType type);

}  // namespace slipway::torch::aten
