#include "engine/kernels/gemm_block.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/gemm_block.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "engine/kernels/strided_copy.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
using Tag = FloatTag;
using Vector = FloatVector;
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

// Weight (i, k) is at begin[i * row + k * step].
struct Weights {
  const float* begin;
  int64_t row;
  int64_t step;
};

// kRows channels from `row` on, whose weights begin at `weights`, and the pixels from `n` on, whose sources
// begin at `source`.
struct Tile {
  const GemmBlock& block;
  const Weights& weights;
  int64_t row;
  int64_t n;
  const float* source;
};

template <int kRows, int kVectors>
using Sums = Vector[kRows][kVectors];

// Comparisons with NaN are false, so NaN stays NaN, as ONNX's Relu and Clip have it.
HWY_INLINE Vector clamped(Vector value, const Clamp& clamp) {
  const Vector lower = hn::Set(Tag(), clamp.lower), upper = hn::Set(Tag(), clamp.upper);
  value = hn::IfThenElse(hn::Lt(value, lower), lower, value);
  return hn::IfThenElse(hn::Gt(value, upper), upper, value);
}

// How many floats before they are multiplied the sources of a single channel are asked for: it waits for
// memory, not for the multipliers.
constexpr int64_t kAhead = 1024;

// `weight(r, k)` says what to multiply by.
template <int kRows, int kVectors, typename Weight>
HWY_INLINE void add_products(const Tile& tile, const Weight& weight, Sums<kRows, kVectors>& sums) {
  const Tag d;
  const float* HWY_RESTRICT source = tile.source;
  const int64_t* HWY_RESTRICT offsets = tile.block.offsets;
  for (int64_t k = 0; k < tile.block.k; ++k) {
    const float* from = source + offsets[k];
    Vector pixels[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      pixels[v] = hn::LoadU(d, from + v * kLanes);
      if constexpr (kRows == 1) hwy::Prefetch(from + v * kLanes + kAhead);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vector factor = hn::Set(d, weight(r, k));
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(factor, pixels[v], sums[r][v]);
    }
  }
}

// The biases, or zeros.
template <int kRows, int kVectors>
HWY_INLINE void begin(const Tile& tile, Sums<kRows, kVectors>& sums) {
  const GemmBlock& block = tile.block;
  if (block.pixel_bias && !block.accumulate) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const Vector first = hn::LoadU(Tag(), block.pixel_bias + tile.n + v * kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) sums[r][v] = first;
    }
    return;
  }
  const float* bias = block.accumulate ? nullptr : block.bias;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const Vector first = hn::Set(Tag(), bias ? bias[tile.row + r] : 0.0f);
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[r][v] = first;
  }
}

// Σ_k, from the bias on. Nothing but the sums lives through these loops, so that they stay in registers.
template <int kRows, int kVectors>
HWY_INLINE void multiply_add(const Tile& tile, Sums<kRows, kVectors>& sums) {
  begin<kRows, kVectors>(tile, sums);
  const float* HWY_RESTRICT weights = tile.weights.begin;
  if (tile.weights.row == 1) {
    const int64_t step = tile.weights.step;
    // Where no cache holds the packed weights of all channels, those of the next ones are on their way by
    // then.
    const bool is_packed = tile.block.weights_row == 0;
    const float* HWY_RESTRICT next = weights + (is_packed ? tile.block.weights_k * kChannelBlock : 0);
    const auto weight = [=](int r, int64_t k) {
      if (kRows == kMostRows && r == 0) hwy::Prefetch(next + k * step);
      return weights[k * step + r];
    };
    return add_products<kRows, kVectors>(tile, weight, sums);
  }
  const float* rows[kRows];
  for (int r = 0; r < kRows; ++r) rows[r] = weights + r * tile.weights.row;
  add_products<kRows, kVectors>(tile, [&](int r, int64_t k) { return rows[r][k]; }, sums);
}

// Writes what `sums` hold, [rows][stride], as the output wants it: the way of all tiles that are not whole
// or have more to be done than adding.
HWY_NOINLINE void finish_sums(const Tile& tile, int64_t rows, int64_t count, const float* sums,
                              int64_t stride) {
  const Tag d;
  const GemmBlock& block = tile.block;
  const bool clamps = !block.clamp.is_open();
  for (int64_t r = 0; r < rows; ++r, sums += stride) {
    const int64_t place = (tile.row + r) * block.out_stride + tile.n;
    float* out = block.out + place;
    const float* residual = block.residual ? block.residual + place : nullptr;
    const auto finished = [&](Vector sum, const auto& load) HWY_ATTR {
      if (block.accumulate) sum = hn::Add(sum, load(out));
      if (residual) sum = hn::Add(sum, load(residual));
      return clamps ? clamped(sum, block.clamp) : sum;
    };
    int64_t n = 0;
    for (; n + kLanes <= count; n += kLanes) {
      const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from + n); };
      hn::StoreU(finished(load(sums), load), d, out + n);
    }
    if (n == count) continue;
    const auto load = [&](const float* from) HWY_ATTR { return load_part(from + n, count - n, 0.0f); };
    store_part(finished(hn::LoadU(d, sums + n), load), out + n, count - n);
  }
}

// A whole tile; `finished` says what becomes of a vector, given the sum and its place.
template <int kRows, int kVectors, typename Finished>
HWY_INLINE void store_rows(const Sums<kRows, kVectors>& sums, float* out, int64_t stride,
                           const Finished& finished) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r, out += stride)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v)
      hn::StoreU(finished(sums[r][v], out + v * kLanes), Tag(), out + v * kLanes);
}

// Short sums are waited for less than the memory that they are stored to, as all are that are added to what
// is there, and the rows are too far apart for the processor to see it coming: what no cache holds is on its
// way while they are made.
constexpr int64_t kShortSum = 64;

template <int kRows, int kVectors>
HWY_INLINE void prefetch_rows(const float* out, int64_t stride) {
  constexpr int64_t kLine = 16;
  for (int r = 0; r < kRows; ++r, out += stride)
    for (int64_t n = 0; n < kVectors * kLanes; n += kLine) hwy::Prefetch(out + n);
}

// Its arguments come in registers: a processor waits for a struct that is read in other pieces than it was
// written.
template <int kRows, int kVectors>
HWY_NOINLINE void run_tile(const GemmBlock& block, const Weights& weights, int64_t row, int64_t n,
                           const float* source, int64_t count) {
  const Tile tile{block, weights, row, n, source};
  float* out = block.out + tile.row * block.out_stride + tile.n;
  if (block.k <= kShortSum || block.accumulate) prefetch_rows<kRows, kVectors>(out, block.out_stride);
  Sums<kRows, kVectors> sums;
  multiply_add<kRows, kVectors>(tile, sums);
  const bool is_whole = count >= kVectors * kLanes && !block.residual, clamps = !block.clamp.is_open();
  if (is_whole && !block.accumulate && !clamps)
    return store_rows<kRows, kVectors>(sums, out, block.out_stride,
                                       [](Vector sum, const float*) HWY_ATTR { return sum; });
  if (is_whole && !clamps)
    return store_rows<kRows, kVectors>(sums, out, block.out_stride, [](Vector sum, const float* to) HWY_ATTR {
      return hn::Add(sum, hn::LoadU(Tag(), to));
    });
  if (is_whole && !block.accumulate)
    return store_rows<kRows, kVectors>(sums, out, block.out_stride, [&](Vector sum, const float*) HWY_ATTR {
      return clamped(sum, block.clamp);
    });
  constexpr int64_t kStride = int64_t{kVectors} * kLanes;
  HWY_ALIGN float kept[kRows * kStride];
  store_rows<kRows, kVectors>(sums, kept, kStride, [](Vector sum, const float*) HWY_ATTR { return sum; });
  finish_sums(tile, kRows, count, kept, kStride);
}

// What is left of the pixels of a panel, for some channels.
struct Rest {
  const GemmBlock& block;
  const Weights& weights;
  int64_t row;
  int64_t n, end;  // the first pixel, and the one behind the last
  const float* source;
  int64_t vectors;  // the last one need not be full
};

template <int kRows, int kVectors>
void run_next(Rest& rest) {
  constexpr int64_t kPixels = kVectors * kLanes;
  run_tile<kRows, kVectors>(rest.block, rest.weights, rest.row, rest.n, rest.source,
                            std::min(kPixels, rest.end - rest.n));
  rest.n += kPixels, rest.source += kPixels, rest.vectors -= kVectors;
}

template <int kRows>
HWY_INLINE void run_panel(Rest rest) {
  constexpr int kVectors = vectors_for(kRows);
  // A panel of a matrix product is as wide as the tiles of full blocks.
  constexpr int kPanel = vectors_for(kMostRows);
  static_assert(kPanel == 3);
  if constexpr (kVectors > kPanel)
    while (rest.vectors >= kVectors) run_next<kRows, kVectors>(rest);
  // A tile of one vector takes as long as one of two: the last four are two and two.
  while (rest.vectors >= kPanel && rest.vectors != kPanel + 1) run_next<kRows, kPanel>(rest);
  while (rest.vectors >= 2) run_next<kRows, 2>(rest);
  if (rest.vectors > 0) run_next<kRows, 1>(rest);
}

// All pixels for kRows channels.
template <int kRows>
void run_rows(const GemmBlock& block, const Weights& weights, int64_t row) {
  const int64_t width = block.panel != 0 ? block.panel : block.n;
  const float* source = block.source;
  for (int64_t n = 0; n < block.n; n += width, source += block.panel_stride) {
    const int64_t end = std::min(block.n, n + width);
    run_panel<kRows>({block, weights, row, n, end, source, ceil_div(end - n, kLanes)});
  }
}

void Run(const GemmBlock& block) {
  const bool is_packed = block.weights_row == 0;
  Weights weights{block.weights, block.weights_row, block.weights_step};
  if (is_packed) weights.row = 1, weights.step = kChannelBlock;
  for (int64_t first = 0; first < block.m; first += kChannelBlock) {
    const int64_t in_block = std::min(kChannelBlock, block.m - first);
    for (int64_t r = 0; r < in_block; r += kMostRows) {
      const int64_t row = first + r;
      weights.begin = block.weights + (is_packed ? first * block.weights_k + r : row * block.weights_row);
      switch (std::min<int64_t>(kMostRows, in_block - r)) {
        case 1:
          run_rows<1>(block, weights, row);
          break;
        case 2:
          run_rows<2>(block, weights, row);
          break;
        case 3:
          run_rows<3>(block, weights, row);
          break;
        case 4:
          run_rows<4>(block, weights, row);
          break;
        case 5:
          run_rows<std::min(5, kMostRows)>(block, weights, row);
          break;
        case 6:
          run_rows<std::min(6, kMostRows)>(block, weights, row);
          break;
        case 7:
          run_rows<std::min(7, kMostRows)>(block, weights, row);
          break;
        default:
          run_rows<kMostRows>(block, weights, row);
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
