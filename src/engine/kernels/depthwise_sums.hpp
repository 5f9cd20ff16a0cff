// Sums of a convolution over one channel of bytes, where every output reads a window of its own and a layout
// (quad_image.hpp) would take longer than the products. Exact i32, which wraps:
//
//   sums[y · width + x] = Σ_q Σ_{i<4} source[y · row_stride + offsets[q] + x · stride + i · dilation]
//                                     · weights[4q + i]
#pragma once

#include <cstdint>

namespace slipway::engine {

// Four taps of a window's row, of four neighbouring outputs, lie within so many bytes.
inline constexpr int64_t kDepthwiseReach = 16;
// Bytes that are readable beyond the last one that counts, and sums that are writable beyond the last.
inline constexpr int64_t kDepthwiseSlack = 64;

constexpr bool fits_depthwise_sums(int64_t stride, int64_t dilation) {
  return 3 * stride + 3 * dilation < kDepthwiseReach;
}

struct DepthwiseTile {
  const uint8_t* source = nullptr;
  int64_t row_stride = 0;
  const int64_t* offsets = nullptr;  // one for each quad of taps
  const int16_t* weights = nullptr;  // from -255 to 255; 0 where a quad has no tap
  int64_t quads = 0;
  int64_t stride = 1, dilation = 1;  // along a row; they fit
  int64_t rows = 0, width = 0;       // of outputs
  int32_t* sums = nullptr;
};

void depthwise_sums(const DepthwiseTile& tile);

// Rows of `width` bytes, with `flip` applied.
void copy_rows(const uint8_t* from, int64_t from_stride, int64_t width, int64_t rows, uint8_t flip,
               int64_t to_stride, uint8_t* to);

}  // namespace slipway::engine
