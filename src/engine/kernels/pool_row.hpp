// What both kernels of pooling do to a row.
#pragma once

#include <cstdint>

namespace slipway::engine {

// out[i] = taps[0][i · stride] ∘ taps[1][i · stride] ∘ … for i < count; ∘ is the maximum (NaN when one is
// NaN) or the sum. With strides of 1 and 2 up to kLanePadding floats beyond the last one needed may be read.
void pool_row(bool maximum, const float* const* taps, int64_t tap_count, int64_t stride, int64_t count,
              float* out);

}  // namespace slipway::engine
