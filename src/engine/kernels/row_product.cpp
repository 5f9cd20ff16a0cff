#include "engine/kernels/row_product.hpp"

#include <algorithm>

#include "engine/ceil_div.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/row_product.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/float_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
using Tag = FloatTag;
using Vector = FloatVector;

// 32 vector registers or 16 decide how many rows and panels there are at a time.
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3) || HWY_ARCH_ARM_A64
constexpr int kMostRows = 6, kFewRows = 4;
#else
constexpr int kMostRows = 3, kFewRows = 2;
#endif
// One row alone needs so many panels to keep the multipliers busy.
constexpr int kPanelsOfOneRow = 2;

// `left` columns are there, perhaps fewer than a vector, perhaps none.
HWY_INLINE Vector load_columns(const float* from, int64_t left) {
  const Tag d;
  if (left >= static_cast<int64_t>(hn::Lanes(d))) return hn::LoadU(d, from);
  return left > 0 ? load_part(from, left, 0.0f) : hn::Zero(d);
}
HWY_INLINE void store_columns(Vector values, float* to, int64_t left) {
  const Tag d;
  if (left >= static_cast<int64_t>(hn::Lanes(d)))
    hn::StoreU(values, d, to);
  else if (left > 0)
    store_part(values, to, left);
}

// kRows rows, kPanels panels of kVectors vectors.
template <int kRows, int kVectors, int kPanels>
HWY_NOINLINE void run_tile(const RowProduct& product, int64_t panel, const float* const* rows,
                           float* const* outs) {
  constexpr int kColumns = kVectors * kPanels;
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t first = product.first_column + panel * kVectors * lanes, left = product.columns - first;
  const float* matrix = product.matrix + panel * product.panel_stride;
  const float* bias = product.bias ? product.bias + first : nullptr;
  Vector sums[kRows][kColumns];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c)
      sums[r][c] = bias && !product.accumulate ? hn::LoadU(d, bias + c * lanes) : hn::Zero(d);
  for (int64_t k = 0; k < product.depth; ++k, matrix += product.row_stride) {
    Vector m[kColumns];
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c)
      m[c] = hn::LoadU(d, matrix + c / kVectors * product.panel_stride + c % kVectors * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vector x = hn::Set(d, rows[r][k]);
#pragma GCC unroll 8
      for (int c = 0; c < kColumns; ++c) sums[r][c] = hn::MulAdd(x, m[c], sums[r][c]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) {
      float* to = outs[r] + first + c * lanes;
      // Added up apart, so that rounding errors do not grow with all that is there.
      if (product.accumulate) sums[r][c] = hn::Add(sums[r][c], load_columns(to, left - c * lanes));
      store_columns(sums[r][c], to, left - c * lanes);
    }
}

template <int kVectors>
void run_panel(const RowProduct& product, int64_t panel, const float* const* rows, float* const* outs,
               int64_t count) {
  int64_t r = 0;
  for (; r + kMostRows <= count; r += kMostRows)
    run_tile<kMostRows, kVectors, 1>(product, panel, rows + r, outs + r);
  for (; r + kFewRows <= count; r += kFewRows)
    run_tile<kFewRows, kVectors, 1>(product, panel, rows + r, outs + r);
  for (; r < count; ++r) run_tile<1, kVectors, 1>(product, panel, rows + r, outs + r);
}

template <int kVectors>
void run_panels(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count) {
  int64_t panel = product.first_panel;
  if (count == 1)
    for (; panel + kPanelsOfOneRow <= product.last_panel; panel += kPanelsOfOneRow)
      run_tile<1, kVectors, kPanelsOfOneRow>(product, panel, rows, outs);
  for (; panel < product.last_panel; ++panel) run_panel<kVectors>(product, panel, rows, outs, count);
}

void MultiplyRows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count) {
  switch (product.vectors) {
    case 1:
      return run_panels<1>(product, rows, outs, count);
    case 2:
      return run_panels<2>(product, rows, outs, count);
    case 3:
      return run_panels<3>(product, rows, outs, count);
    default:
      return run_panels<4>(product, rows, outs, count);
  }
}

// Four columns at a time, in squares of four by four.
void PackTransposed(const float* from, int64_t stride, int64_t count, int64_t depth, float* to,
                    int64_t width) {
  int64_t j = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t kSide = 4, kAhead = 4 * kSide, kLine = 16;
  const hn::FixedTag<float, kSide> d;
  const hn::RepartitionToWide<decltype(d)> d64;
  for (; j + kSide <= count; j += kSide) {
    const float* row = from + j * stride;
    // Four streams at a time are too many for some machines to look ahead by themselves.
    for (int64_t i = kAhead; i < std::min(kAhead + kSide, count - j); ++i)
      for (int64_t k = 0; k < depth; k += kLine) hwy::Prefetch(row + i * stride + k);
    int64_t k = 0;
    for (; k + kSide <= depth; k += kSide) {
      const auto a = hn::LoadU(d, row + k), b = hn::LoadU(d, row + stride + k),
                 c = hn::LoadU(d, row + 2 * stride + k), e = hn::LoadU(d, row + 3 * stride + k);
      const auto ab = hn::BitCast(d64, hn::InterleaveLower(d, a, b)),
                 AB = hn::BitCast(d64, hn::InterleaveUpper(d, a, b)),
                 ce = hn::BitCast(d64, hn::InterleaveLower(d, c, e)),
                 CE = hn::BitCast(d64, hn::InterleaveUpper(d, c, e));
      float* out = to + k * width + j;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, ab, ce)), d, out);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, ab, ce)), d, out + width);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, AB, CE)), d, out + 2 * width);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, AB, CE)), d, out + 3 * width);
    }
    for (; k < depth; ++k)
      for (int64_t i = 0; i < kSide; ++i) to[k * width + j + i] = row[i * stride + k];
  }
#endif
  for (; j < count; ++j)
    for (int64_t k = 0; k < depth; ++k) to[k * width + j] = from[j * stride + k];
  for (int64_t k = 0; k < depth; ++k) std::fill(to + k * width + count, to + (k + 1) * width, 0.0f);
}

int64_t RowProductLanes() {
  return static_cast<int64_t>(hn::Lanes(Tag()));
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(MultiplyRows);
HWY_EXPORT(PackTransposed);
HWY_EXPORT(RowProductLanes);

void multiply_rows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count) {
  HWY_DYNAMIC_DISPATCH(MultiplyRows)(product, rows, outs, count);
}
void pack_transposed(const float* from, int64_t stride, int64_t count, int64_t depth, float* to,
                     int64_t width) {
  HWY_DYNAMIC_DISPATCH(PackTransposed)(from, stride, count, depth, to, width);
}

void multiply_panels(RowProduct product, const PanelWidths& widths, int64_t packed_depth, int64_t first_row,
                     const float* const* rows, float* const* outs, int64_t count) {
  const int64_t lanes = row_product_lanes(), first = product.first_panel, last = product.last_panel;
  const float* matrix = product.matrix;
  for (const bool narrow : {false, true}) {
    const int64_t begin = narrow ? std::max(first, widths.wide) : first,
                  end = narrow ? last : std::min(last, widths.wide);
    if (begin >= end) continue;
    product.vectors = narrow ? widths.vectors - 1 : widths.vectors;
    product.first_column = widths.vectors_before(begin) * lanes;
    const int64_t before = product.first_column - widths.vectors_before(first) * lanes,
                  width = product.vectors * lanes;
    if (packed_depth > 0) product.row_stride = width;
    product.panel_stride = packed_depth > 0 ? width * packed_depth : width;
    product.matrix = matrix + before * std::max<int64_t>(packed_depth, 1) + first_row * product.row_stride;
    product.first_panel = 0;
    product.last_panel = end - begin;
    multiply_rows(product, rows, outs, count);
  }
}

PanelWidths PanelWidths::of(int64_t columns) {
  const int64_t vectors = ceil_div(columns, row_product_lanes()),
                panels = ceil_div(vectors, kMostPanelVectors);
  const int64_t widest = ceil_div(vectors, panels);
  return {static_cast<int>(widest), vectors - panels * (widest - 1), panels * widest - vectors};
}
int64_t row_product_lanes() {
  return HWY_DYNAMIC_DISPATCH(RowProductLanes)();
}

}  // namespace slipway::engine
#endif
