// The one micro-kernel that convolutions and matrix products are made of: a block of output channels times a
// run of neighbouring pixels, where each of the K input vectors is found through a table of offsets. With
// offsets to shifted rows it is a direct convolution, with offsets to a packed panel an im2col one, with
// plain rows a matrix product (the idea of an indirection buffer is Dukhan's, "The Indirect Convolution
// Algorithm", 2019).
//
//   out[m][n] = clamp(bias[m or n] + Σ_k weights[m][k] · source[offsets[k] + n] + residual[m][n])
//
// Lanes are neighbouring n; weights are scalars that are broadcast from memory. Every output is one chain of
// multiply-adds in the order of k, whatever the block, so results do not depend on how callers cut m and n.
// Long sums are cut into calls of kSumLength, each adding its part to `out`: rounding errors then grow with
// the number of parts, not with k (Higham, "The accuracy of floating point summation", 1993).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/clamp.hpp"

namespace slipway::engine {

// Output channels that share one block of packed weights.
inline constexpr int64_t kChannelBlock = 8;
// The most products that one call should add up, and the depth at which a panel of sources of
// gemm_panel_width() still lies in the L2 cache beside the weights that it meets.
inline constexpr int64_t kSumLength = 256;
// Floats that kernels may read beyond the last pixel of a source row.
inline constexpr int64_t kLanePadding = 16;

struct GemmBlock {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  const float* weights = nullptr;  // packed by pack_weights: [⌈m/8⌉][weights_k][8]
  int64_t weights_k = 0;           // k of the packed weights; more than k when this call does a part of it
  // Unless 0, the weights are not packed: weight (i, k) is at weights[i * weights_row + k * weights_step].
  // One of the two is 1.
  int64_t weights_row = 0, weights_step = 1;
  const float* source = nullptr;     // n + kLanePadding floats are readable from each source + offsets[k]
  const int64_t* offsets = nullptr;  // k of them, in floats
  // Unless 0, only so many pixels lie side by side: the source of the next ones is panel_stride floats on.
  // Each few channels meet all panels, whose part of k should fit the L2 cache, before the next do.
  int64_t panel = 0, panel_stride = 0;
  float* out = nullptr;  // [m][n], rows out_stride floats apart
  int64_t out_stride = 0;
  bool accumulate = false;      // add to what out holds; the bias is of no use then
  const float* bias = nullptr;  // m floats, or nullptr for zeros
  // Instead of them, n floats, one for each pixel; kLanePadding more are readable.
  const float* pixel_bias = nullptr;
  const float* residual = nullptr;  // laid out as out, or nullptr; added last, before the clamp
  Clamp clamp;
};

void gemm_block(const GemmBlock& block);

// Floats of the packed form of an m × k matrix.
inline int64_t packed_weights_size(int64_t m, int64_t k) {
  return (m + kChannelBlock - 1) / kChannelBlock * kChannelBlock * k;
}
// Element (i, j) of the matrix is at weights[i * row_stride + j * column_stride].
void pack_weights(const float* weights, int64_t m, int64_t k, int64_t row_stride, int64_t column_stride,
                  float* packed);

// Pixels that gemm_block takes at a time for at least kChannelBlock channels on this machine's instruction
// set: panels of this width waste nothing.
int64_t gemm_panel_width();

}  // namespace slipway::engine
