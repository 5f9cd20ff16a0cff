#include "engine/kernels/row_product.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/row_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/float_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
using Tag = FloatTag;
using Vector = FloatVector;

// 32 vector registers or 16 decide how many rows and panels there are at a time.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
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
  const int64_t first = panel * kVectors * lanes, left = product.columns - first;
  const float* matrix = product.matrix + first * product.packed_depth;
  const int64_t panel_floats = product.packed_depth * kVectors * lanes;
  const float* bias = product.bias ? product.bias + first : nullptr;
  Vector sums[kRows][kColumns];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) {
      if (product.accumulate)
        sums[r][c] = load_columns(outs[r] + first + c * lanes, left - c * lanes);
      else
        sums[r][c] = bias ? hn::LoadU(d, bias + c * lanes) : hn::Zero(d);
    }
  for (int64_t k = 0; k < product.depth; ++k, matrix += kVectors * lanes) {
    Vector m[kColumns];
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c)
      m[c] = hn::LoadU(d, matrix + c / kVectors * panel_floats + c % kVectors * lanes);
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
    for (int c = 0; c < kColumns; ++c)
      store_columns(sums[r][c], outs[r] + first + c * lanes, left - c * lanes);
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
  product.vectors == 3 ? run_panels<3>(product, rows, outs, count)
                       : run_panels<4>(product, rows, outs, count);
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
HWY_EXPORT(RowProductLanes);

void multiply_rows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count) {
  HWY_DYNAMIC_DISPATCH(MultiplyRows)(product, rows, outs, count);
}
int64_t row_product_lanes() {
  return HWY_DYNAMIC_DISPATCH(RowProductLanes)();
}

}  // namespace slipway::engine
#endif
