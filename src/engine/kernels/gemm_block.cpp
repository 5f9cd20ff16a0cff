#include "engine/kernels/gemm_block.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/gemm_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/strided_copy.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = HWY_FULL(float);
using Vector = hn::Vec<Tag>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Tag()));

// 32 vector registers or 16 decide how many accumulators there are.
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3) || HWY_ARCH_ARM_A64
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif
constexpr int kMostRows = kManyRegisters ? 8 : 4;

// Vectors of pixels for a block of `rows` channels, so that accumulators, sources and a broadcast fit the
// registers.
constexpr int vectors_for(int rows) {
  if (kManyRegisters) return rows >= 7 ? 3 : rows >= 5 ? 4 : rows == 4 ? 6 : 8;
  return rows >= 4 ? 3 : rows == 3 ? 4 : rows == 2 ? 5 : 8;
}

// kRows channels from `row` on, whose weights begin at `weights`, and the pixels from `n` on.
struct Tile {
  const GemmBlock& block;
  const float* weights;
  int64_t row;
  int64_t n;
};

template <int kRows, int kVectors>
using Sums = Vector[kRows][kVectors];

// `from`, or a copy of its `count` floats that may be read as whole vectors.
template <int kVectors>
HWY_INLINE const float* readable(const float* from, int64_t count, float* edge) {
  if (count >= kVectors * kLanes) return from;
  std::copy(from, from + count, edge);
  std::fill(edge + count, edge + kVectors * kLanes, 0.0f);
  return edge;
}

template <int kRows, int kVectors>
HWY_INLINE void begin(const Tile& tile, Sums<kRows, kVectors>& sums) {
  const Tag d;
  const float* bias = tile.block.accumulate ? nullptr : tile.block.bias;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const Vector first = hn::Set(d, bias ? bias[tile.row + r] : 0.0f);
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[r][v] = first;
  }
}

template <int kRows, int kVectors>
HWY_INLINE void multiply_add(const Tile& tile, Sums<kRows, kVectors>& sums) {
  const Tag d;
  const float* HWY_RESTRICT source = tile.block.source + tile.n;
  const float* HWY_RESTRICT weights = tile.weights;
  const int64_t* HWY_RESTRICT offsets = tile.block.offsets;
  for (int64_t k = 0; k < tile.block.k; ++k, weights += kChannelBlock) {
    const float* from = source + offsets[k];
    Vector pixels[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) pixels[v] = hn::LoadU(d, from + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vector weight = hn::Set(d, weights[r]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(weight, pixels[v], sums[r][v]);
    }
  }
}

// Adds `count` floats of a row to the sums of it.
template <int kVectors>
HWY_INLINE void add_row(const float* row, int64_t count, Vector (&sums)[kVectors]) {
  const Tag d;
  HWY_ALIGN float edge[kVectors * kLanes];
  const float* from = readable<kVectors>(row, count, edge);
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sums[v] = hn::Add(sums[v], hn::LoadU(d, from + v * kLanes));
}

template <int kRows, int kVectors>
HWY_INLINE void finish(const Tile& tile, int64_t count, Sums<kRows, kVectors>& sums) {
  const Tag d;
  HWY_ALIGN float edge[kVectors * kLanes];
  const GemmBlock& block = tile.block;
  const bool whole = count >= kVectors * kLanes, clamps = !block.clamp.is_open();
  const Vector lower = hn::Set(d, block.clamp.lower), upper = hn::Set(d, block.clamp.upper);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const int64_t place = (tile.row + r) * block.out_stride + tile.n;
    if (block.accumulate) add_row<kVectors>(block.out + place, count, sums[r]);
    if (block.residual) add_row<kVectors>(block.residual + place, count, sums[r]);
    float* to = whole ? block.out + place : edge;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      Vector result = sums[r][v];
      // Comparisons with NaN are false, so NaN stays NaN, as ONNX's Relu and Clip have it.
      if (clamps) {
        result = hn::IfThenElse(hn::Lt(result, lower), lower, result);
        result = hn::IfThenElse(hn::Gt(result, upper), upper, result);
      }
      hn::StoreU(result, d, to + v * kLanes);
    }
    if (!whole) std::copy(edge, edge + count, block.out + place);
  }
}

template <int kRows, int kVectors>
HWY_NOINLINE void run_tile(const Tile& tile, int64_t count) {
  Sums<kRows, kVectors> sums;
  begin<kRows, kVectors>(tile, sums);
  multiply_add<kRows, kVectors>(tile, sums);
  finish<kRows, kVectors>(tile, count, sums);
}

// All pixels for kRows channels: whole tiles first, then what is left in narrower ones.
template <int kRows>
void run_rows(const GemmBlock& block, const float* weights, int64_t row) {
  constexpr int kVectors = vectors_for(kRows);
  int64_t n = 0;
  for (; n + kVectors * kLanes <= block.n; n += kVectors * kLanes)
    run_tile<kRows, kVectors>({block, weights, row, n}, kVectors * kLanes);
  // A panel of a matrix product is as wide as the tiles of full blocks.
  constexpr int kPanel = vectors_for(kMostRows);
  if constexpr (kVectors > kPanel)
    for (; n + kPanel * kLanes <= block.n; n += kPanel * kLanes)
      run_tile<kRows, kPanel>({block, weights, row, n}, kPanel * kLanes);
  for (; n + kLanes < block.n; n += 2 * kLanes)
    run_tile<kRows, 2>({block, weights, row, n}, std::min(2 * kLanes, block.n - n));
  if (n < block.n) run_tile<kRows, 1>({block, weights, row, n}, block.n - n);
}

void Run(const GemmBlock& block) {
  for (int64_t first = 0; first < block.m; first += kChannelBlock) {
    const float* weights = block.weights + first * block.weights_k;
    const int64_t in_block = std::min(kChannelBlock, block.m - first);
    for (int64_t r = 0; r < in_block; r += kMostRows) {
      const int64_t row = first + r;
      switch (std::min<int64_t>(kMostRows, in_block - r)) {
        case 1:
          run_rows<1>(block, weights + r, row);
          break;
        case 2:
          run_rows<2>(block, weights + r, row);
          break;
        case 3:
          run_rows<3>(block, weights + r, row);
          break;
        case 4:
          run_rows<4>(block, weights + r, row);
          break;
        case 5:
          run_rows<std::min(5, kMostRows)>(block, weights + r, row);
          break;
        case 6:
          run_rows<std::min(6, kMostRows)>(block, weights + r, row);
          break;
        case 7:
          run_rows<std::min(7, kMostRows)>(block, weights + r, row);
          break;
        default:
          run_rows<kMostRows>(block, weights + r, row);
          break;
      }
    }
  }
}

int64_t PanelWidth() {
  return vectors_for(kMostRows) * kLanes;
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Run);
HWY_EXPORT(PanelWidth);

void gemm_block(const GemmBlock& block) {
  HWY_DYNAMIC_DISPATCH(Run)(block);
}
int64_t gemm_panel_width() {
  return HWY_DYNAMIC_DISPATCH(PanelWidth)();
}

void pack_weights(const float* weights, int64_t m, int64_t k, int64_t row_stride, int64_t column_stride,
                  float* packed) {
  for (int64_t first = 0; first < m; first += kChannelBlock, packed += k * kChannelBlock) {
    const int64_t rows = std::min(kChannelBlock, m - first);
    if (rows < kChannelBlock) std::fill_n(packed, k * kChannelBlock, 0.0f);
    copy_floats({k, column_stride, kChannelBlock}, {rows, row_stride, 1}, weights + first * row_stride,
                packed);
  }
}

}  // namespace slipway::engine
#endif
