// Reshape, said as plainly as the sizes allow.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// `value`, which has the sizes `from`, with the sizes `to` (as many elements): constant numbers, 0 for a size
// that stays in its place, -1 for one other that is not known; only when two such are left is the shape
// computed. The value itself when nothing changes.
Value* reshape(Conversion& c, Value* value, const Shape& from, const Shape& to);

}  // namespace slipway::torch::aten
