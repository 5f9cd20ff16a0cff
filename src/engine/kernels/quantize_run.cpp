#include "engine/kernels/quantize_run.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/quantize_run.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
template <typename T>
int64_t divide_each(const QuantizeRun&) {
  return 0;
}
template <typename T>
int64_t divide_all(const QuantizeRun&) {
  return 0;
}
#else
using Tag = hn::ScalableTag<float>;
using IntegerTag = hn::RebindToSigned<Tag>;
using Vector = hn::Vec<Tag>;
using Integers = hn::Vec<IntegerTag>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Tag()));
// Whole vectors of bytes are made of this many.
constexpr int kVectors = 4;

// The larger one; `least` where x is no number.
HWY_INLINE Vector at_least(Vector x, Vector least) {
#if HWY_ARCH_X86
  return hn::Max(x, least);
#else
  return hn::IfThenElse(hn::Gt(x, least), x, least);
#endif
}

// Clamped before it is rounded: the limits are whole numbers.
struct Limits {
  Vector lowest, highest;
  HWY_INLINE Vector clamp(Vector x) const { return hn::Min(at_least(x, lowest), highest); }
};

// Below 2^22, a sum with this is rounded half to even by the addition itself, and its lowest bits are those
// of the integer.
constexpr float kRounder = 0x1.8p23f;

HWY_INLINE Integers integer_of(Vector with_rounder, Integers zero_point) {
  return hn::Add(hn::BitCast(IntegerTag(), with_rounder), zero_point);
}

// The low bits of each lane.
HWY_INLINE void store(const Integers (&from)[kVectors], uint8_t* out) {
  const hn::ScalableTag<uint16_t> d16;
  const hn::ScalableTag<uint8_t> d8;
  const auto low = hn::ConcatEven(d16, hn::BitCast(d16, from[1]), hn::BitCast(d16, from[0]));
  const auto high = hn::ConcatEven(d16, hn::BitCast(d16, from[3]), hn::BitCast(d16, from[2]));
  hn::StoreU(hn::ConcatEven(d8, hn::BitCast(d8, high), hn::BitCast(d8, low)), d8, out);
}
HWY_INLINE void store(const Integers (&from)[kVectors], uint16_t* out) {
  const hn::ScalableTag<uint16_t> d16;
  for (int v = 0; v < kVectors; v += 2)
    hn::StoreU(hn::ConcatEven(d16, hn::BitCast(d16, from[v + 1]), hn::BitCast(d16, from[v])), d16,
               out + v * kLanes);
}

template <typename T>
HWY_INLINE auto* stored(void* out, int64_t index) {
  return static_cast<std::make_unsigned_t<T>*>(out) + index;
}

// As many numbers as fill whole vectors, each with a scale of its own; returns how many these are.
template <typename T>
int64_t divide_each(const QuantizeRun& run) {
  const Tag d;
  const IntegerTag integers;
  const hn::Rebind<T, Tag> narrow;
  const auto* zero_points = static_cast<const T*>(run.zero_points);
  int64_t i = 0;
  for (; i + kVectors * kLanes <= run.count; i += kVectors * kLanes) {
    Integers results[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      const int64_t at = i + v * kLanes;
      Integers zero_point = hn::Zero(integers);
      if (zero_points) zero_point = hn::PromoteTo(integers, hn::LoadU(narrow, zero_points + at));
      const Vector shift = hn::ConvertTo(d, zero_point);
      const Limits limits{hn::Sub(hn::Set(d, run.lowest), shift), hn::Sub(hn::Set(d, run.highest), shift)};
      const Vector x = limits.clamp(hn::Div(hn::LoadU(d, run.in + at), hn::LoadU(d, run.scales + at)));
      results[v] = integer_of(hn::Add(x, hn::Set(d, kRounder)), zero_point);
    }
    store(results, stored<T>(run.out, i));
  }
  return i;
}

// The reciprocal of a scale instead of divisions, which take longer than all the rest. A product with it is
// less than 2^-22 of its size away from the quotient, so both round to the same integer unless they lie
// closer than that to the middle of two: vectors with such a number are divided after all.
struct Reciprocal {
  float value;
  float near_middle;  // how far from an integer a product may be

  Reciprocal(float scale, float lowest, float highest) : value(1 / scale) {
    const bool is_ordinary = scale > 0x1p-100f && scale < 0x1p100f;
    int exponent;
    const bool is_power_of_two = std::frexp(scale, &exponent) == 0.5f;
    near_middle = 0.5f - std::max(highest, -lowest) * 0x1p-21f;
    if (is_power_of_two) near_middle = 1;
    if (!is_ordinary) near_middle = -1;
  }
};

template <typename T>
int64_t divide_all(const QuantizeRun& run) {
  const Tag d;
  const T first = run.zero_points ? *static_cast<const T*>(run.zero_points) : T{0};
  const float low = run.lowest - static_cast<float>(first), high = run.highest - static_cast<float>(first);
  const Reciprocal reciprocal(run.scales[0], low, high);
  const Limits limits{hn::Set(d, low), hn::Set(d, high)};
  const Vector scale = hn::Set(d, run.scales[0]), factor = hn::Set(d, reciprocal.value);
  const Vector rounder = hn::Set(d, kRounder);
  const Integers near_middle = hn::BitCast(IntegerTag(), hn::Set(d, reciprocal.near_middle));
  const Integers zero_point = hn::Set(IntegerTag(), int32_t{first});
  const float* HWY_RESTRICT in = run.in;
  const int64_t count = run.count;
  // Sums with the rounder are positive, so their bits are in order: they are clamped as integers, which are
  // less busy than the units that add. So is the search for the farthest, and no number is farther than NaN.
  const IntegerTag integers;
  const Integers least = hn::BitCast(integers, hn::Add(limits.lowest, rounder)),
                 most = hn::BitCast(integers, hn::Add(limits.highest, rounder));
  int64_t i = 0;
  for (; i + kVectors * kLanes <= count; i += kVectors * kLanes) {
    Vector sums[kVectors];
    Integers farthest = hn::Zero(integers);
    for (int v = 0; v < kVectors; ++v) {
      const Vector x = hn::LoadU(d, in + i + v * kLanes);
      sums[v] = hn::MulAdd(x, factor, rounder);
      const Vector rest = hn::MulSub(x, factor, hn::Sub(sums[v], rounder));
      farthest = hn::Max(farthest, hn::BitCast(integers, hn::Abs(rest)));
    }
    if (HWY_UNLIKELY(!hn::AllFalse(integers, hn::Gt(farthest, near_middle))))
      for (int v = 0; v < kVectors; ++v)
        sums[v] = hn::Add(limits.clamp(hn::Div(hn::LoadU(d, in + i + v * kLanes), scale)), rounder);
    Integers results[kVectors];
    for (int v = 0; v < kVectors; ++v)
      results[v] = hn::Add(hn::Min(hn::Max(hn::BitCast(integers, sums[v]), least), most), zero_point);
    store(results, stored<T>(run.out, i));
  }
  return i;
}
#endif

template <typename T>
void run_type(const QuantizeRun& run) {
  const auto* zero_points = static_cast<const T*>(run.zero_points);
  for (int64_t i = run.each ? divide_each<T>(run) : divide_all<T>(run); i < run.count; ++i) {
    const int64_t entry = run.each ? i : 0;
    const T shift = zero_points ? zero_points[entry] : T{0};
    const float low = run.lowest - static_cast<float>(shift), high = run.highest - static_cast<float>(shift);
    const float x = run.in[i] / run.scales[entry];
    const float inside = x > low ? (x < high ? x : high) : low;
    static_cast<T*>(run.out)[i] = static_cast<T>(static_cast<int32_t>(std::nearbyint(inside)) + shift);
  }
}

void Run(const QuantizeRun& run) {
  switch (run.type) {
    case DataType::kUint8:
      return run_type<uint8_t>(run);
    case DataType::kInt8:
      return run_type<int8_t>(run);
    case DataType::kUint16:
      return run_type<uint16_t>(run);
    default:
      return run_type<int16_t>(run);
  }
}

// The first one, if it is the lower (higher) one; the second one if the first is no number.
template <typename V>
HWY_INLINE V lower_of(V x, V lowest) {
#if HWY_ARCH_X86
  return hn::Min(x, lowest);
#else
  return hn::IfThenElse(hn::Lt(x, lowest), x, lowest);
#endif
}
template <typename V>
HWY_INLINE V higher_of(V x, V highest) {
#if HWY_ARCH_X86
  return hn::Max(x, highest);
#else
  return hn::IfThenElse(hn::Gt(x, highest), x, highest);
#endif
}

FloatRange RangeOf(const float* in, int64_t count) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  // Several of each: one waits for the other's result.
  constexpr int kChains = 4;
  hn::Vec<decltype(d)> low[kChains], high[kChains];
  for (int c = 0; c < kChains; ++c) low[c] = high[c] = hn::Zero(d);
  int64_t i = 0;
  for (; i + kChains * lanes <= count; i += kChains * lanes)
    for (int c = 0; c < kChains; ++c) {
      const auto x = hn::LoadU(d, in + i + c * lanes);
      low[c] = lower_of(x, low[c]), high[c] = higher_of(x, high[c]);
    }
  for (int c = 1; c < kChains; ++c) low[0] = hn::Min(low[0], low[c]), high[0] = hn::Max(high[0], high[c]);
  FloatRange range{hn::GetLane(hn::MinOfLanes(d, low[0])), hn::GetLane(hn::MaxOfLanes(d, high[0]))};
  for (; i < count; ++i) {
    range.lowest = in[i] < range.lowest ? in[i] : range.lowest;
    range.highest = in[i] > range.highest ? in[i] : range.highest;
  }
  return range;
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Run);
HWY_EXPORT(RangeOf);

void quantize_run(const QuantizeRun& run) {
  HWY_DYNAMIC_DISPATCH(Run)(run);
}
FloatRange range_of(const float* in, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(RangeOf)(in, count);
}

}  // namespace slipway::engine
#endif
