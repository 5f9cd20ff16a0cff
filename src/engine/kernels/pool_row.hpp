// What both kernels of pooling have in common: what they do to a row, and which windows they take.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ops/window.hpp"

namespace slipway::engine {

// out[i] = taps[0][i · stride] ∘ taps[1][i · stride] ∘ … for i < count; ∘ is the maximum (NaN when one is
// NaN) or the sum. With strides of 1 and 2 up to kLanePadding floats beyond the last one needed may be read.
void pool_row(bool maximum, const float* const* taps, int64_t tap_count, int64_t stride, int64_t count,
              float* out);

// The kernels walk over every place of a window, and over its padding, and keep rows of some strides. A file
// can state billions of them: the reference kernel, which does not, takes those.
inline bool is_walkable(const ops::Window& window) {
  const auto is_short = [](int64_t size) { return size <= 4096; };
  return std::all_of(window.kernel.begin(), window.kernel.end(), is_short) &&
         std::all_of(window.strides.begin(), window.strides.end(), is_short) &&
         std::all_of(window.pads_begin.begin(), window.pads_begin.end(), is_short) &&
         std::all_of(window.pads_end.begin(), window.pads_end.end(), is_short);
}

}  // namespace slipway::engine
