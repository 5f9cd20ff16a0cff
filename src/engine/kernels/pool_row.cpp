#include "engine/kernels/pool_row.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/pool_row.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = HWY_FULL(float);

// A NaN in the window is the result: a comparison with it is false, so it is asked for.
struct Maximum {
  template <typename V>
  static HWY_INLINE V combine(V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
  }
  static float combine(float a, float b) { return b > a || b != b ? b : a; }
};
struct Sum {
  template <typename V>
  static HWY_INLINE V combine(V a, V b) {
    return hn::Add(a, b);
  }
  static float combine(float a, float b) { return a + b; }
};

template <int kStride, typename D>
HWY_INLINE hn::Vec<D> load_every(D d, const float* from) {
  if constexpr (kStride == 1) return hn::LoadU(d, from);
  hn::Vec<D> even, odd;
  hn::LoadInterleaved2(d, from, even, odd);
  return even;
}

template <typename Operation, int kStride, typename D>
HWY_INLINE void pool_vector(D d, const float* const* taps, int64_t tap_count, int64_t place, float* out) {
  auto result = load_every<kStride>(d, taps[0] + place * kStride);
  for (int64_t tap = 1; tap < tap_count; ++tap)
    result = Operation::combine(result, load_every<kStride>(d, taps[tap] + place * kStride));
  hn::StoreU(result, d, out + place);
}

// out[i] = taps[0][i · stride] ∘ taps[1][i · stride] ∘ …; for strides of 1 and 2 in vectors, of which the
// last may make outputs once more that the one before it has made.
template <typename Operation, int kStride>
void pool_row(const float* const* taps, int64_t tap_count, int64_t stride, int64_t count, float* out) {
  int64_t i = 0;
  if constexpr (kStride > 0) {
    const Tag d;
    const HWY_CAPPED(float, 4) narrow;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), few = static_cast<int64_t>(hn::Lanes(narrow));
    for (; i + lanes <= count; i += lanes) pool_vector<Operation, kStride>(d, taps, tap_count, i, out);
    if (i > 0 && i < count) {
      pool_vector<Operation, kStride>(d, taps, tap_count, count - lanes, out);
      i = count;
    }
    for (; i + few <= count; i += few) pool_vector<Operation, kStride>(narrow, taps, tap_count, i, out);
  }
  for (; i < count; ++i) {
    float result = taps[0][i * stride];
    for (int64_t tap = 1; tap < tap_count; ++tap) result = Operation::combine(result, taps[tap][i * stride]);
    out[i] = result;
  }
}

template <typename Operation>
void pool_by_stride(const float* const* taps, int64_t tap_count, int64_t stride, int64_t count, float* out) {
  if (stride == 1) return pool_row<Operation, 1>(taps, tap_count, stride, count, out);
  if (stride == 2) return pool_row<Operation, 2>(taps, tap_count, stride, count, out);
  pool_row<Operation, 0>(taps, tap_count, stride, count, out);
}

void PoolRow(bool maximum, const float* const* taps, int64_t tap_count, int64_t stride, int64_t count,
             float* out) {
  maximum ? pool_by_stride<Maximum>(taps, tap_count, stride, count, out)
          : pool_by_stride<Sum>(taps, tap_count, stride, count, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(PoolRow);

void pool_row(bool maximum, const float* const* taps, int64_t tap_count, int64_t stride, int64_t count,
              float* out) {
  HWY_DYNAMIC_DISPATCH(PoolRow)(maximum, taps, tap_count, stride, count, out);
}

}  // namespace slipway::engine
#endif
