// Products of floats by their first sixteen bits, for machines that have instructions for it (AVX512-BF16):
// operands are rounded to bf16, products and sums are f32. Twice the speed of f32.
//
// The tiles are those of dot_tile.hpp, with two bf16 in the place of four bytes and f32 sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/clamp.hpp"
#include "engine/kernels/dot_tile.hpp"

namespace slipway::engine {

// nullptr where the machine has no such instructions. Both operands count as signed or not, it is the same.
const DotKernel* bfloat16_dot_kernel();

// Only where there is a kernel. Rounding is to nearest, ties to even; denormals become 0.

// Two rows of `count` floats as lanes: out[2n] = a[n], out[2n + 1] = b[n].
void pair_rows(const float* a, const float* b, int64_t count, uint16_t* out);
// Floats `stride` apart as a row of bf16, each times `factor` first, with zeros up to `length`.
void round_row(const float* from, int64_t stride, int64_t count, float factor, int64_t length, uint16_t* to);

// What becomes of a tile's sums: out = clamp(sums + row_add + add · factor).
struct FloatSums {
  const float* sums = nullptr;  // [rows][columns], kMostDotWidth apart
  int64_t rows = 0, columns = 0;
  const float* row_add = nullptr;  // one for each row, or nullptr
  const float* add = nullptr;      // by the strides below, or nullptr
  int64_t add_row_stride = 0, add_column_stride = 0;
  float factor = 1.0f;
  Clamp clamp;
  float* out = nullptr;
  int64_t out_stride = 0;
};
void store_float_sums(const FloatSums& block);

}  // namespace slipway::engine
