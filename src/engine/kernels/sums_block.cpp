#include "engine/kernels/sums_block.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/ceil_div.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/sums_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Row `r` of a block with its zero points taken out, some columns from `n` on.
template <typename Tag>
struct RowOfSums {
  const SumsBlock& block;
  const int32_t* sums;
  hn::Vec<Tag> add, factor;

  HWY_INLINE RowOfSums(const SumsBlock& of, int64_t r)
      : block(of),
        sums(of.sums + r * of.sums_stride),
        add(hn::Set(Tag(), of.row_add ? of.row_add[r] : 0)),
        factor(hn::Set(Tag(), of.row_factor ? of.row_factor[r] : 0)) {}

  HWY_INLINE hn::Vec<Tag> at(int64_t n) const {
    const Tag d;
    auto sum = hn::Add(hn::LoadU(d, sums + n), add);
    if (block.column_add) sum = hn::Add(sum, hn::LoadU(d, block.column_add + n));
    if (block.column_factor) sum = hn::Sub(sum, hn::Mul(factor, hn::LoadU(d, block.column_factor + n)));
    return sum;
  }
};

using Integers = hn::ScalableTag<int32_t>;
constexpr int64_t kIntegers = static_cast<int64_t>(hn::MaxLanes(Integers()));

void store_integers(const SumsBlock& block, int64_t r) {
  const Integers d;
  const RowOfSums<Integers> row(block, r);
  int32_t* out = static_cast<int32_t*>(block.out) + r * block.out_stride;
  int64_t n = 0;
  for (; n + kIntegers <= block.columns; n += kIntegers) hn::StoreU(row.at(n), d, out + n);
  if (n == block.columns) return;
  HWY_ALIGN int32_t edge[kIntegers];
  hn::Store(row.at(n), d, edge);
  std::copy_n(edge, block.columns - n, out + n);
}

double lowest_of(const SumsBlock& block) {
  return (block.type == DataType::kInt8 ? -128 : 0) - block.zero_point;
}

#if HWY_TARGET == HWY_SCALAR
void store_bytes(const SumsBlock& block) {
  const double lowest = lowest_of(block), highest = lowest + 255;
  for (int64_t r = 0; r < block.rows; ++r) {
    const RowOfSums<Integers> row(block, r);
    uint8_t* out = static_cast<uint8_t*>(block.out) + r * block.out_stride;
    for (int64_t n = 0; n < block.columns; ++n) {
      const double sum = hn::GetLane(row.at(n)) + (block.bias ? block.bias[r] : 0.0);
      const double x = sum * (block.row_scale ? block.row_scale[r] : block.column_scale[n]);
      const double inside = x > lowest ? std::min(x, highest) : lowest;
      out[n] = static_cast<uint8_t>(static_cast<int32_t>(std::nearbyint(inside)) + block.zero_point);
    }
  }
}
#else
using Real = hn::Repartition<double, Integers>;
using Reals = hn::Vec<Real>;
// Whole vectors of bytes are made of this many of integers.
constexpr int kVectors = 4;

// Scaled and clamped before it is rounded: the limits are whole numbers. What is no number becomes the
// lowest.
struct Scaling {
  Reals lowest, highest, rounder;

  HWY_INLINE hn::Vec<Integers> operator()(Reals sum, Reals scale) const {
    Reals x = hn::Mul(sum, scale);
#if HWY_ARCH_X86
    x = hn::Max(x, lowest);  // the second one, if one is no number
#else
    x = hn::IfThenElse(hn::Gt(x, lowest), x, lowest);
#endif
    return hn::BitCast(Integers(), hn::Add(hn::Min(x, highest), rounder));
  }
};

// The low bytes of kVectors vectors, the first `count` of them.
HWY_INLINE void store_low_bytes(const hn::Vec<Integers> (&from)[kVectors], int64_t count, uint8_t* out) {
  const hn::ScalableTag<uint16_t> d16;
  const hn::ScalableTag<uint8_t> d8;
  const auto low = hn::ConcatEven(d16, hn::BitCast(d16, from[1]), hn::BitCast(d16, from[0]));
  const auto high = hn::ConcatEven(d16, hn::BitCast(d16, from[3]), hn::BitCast(d16, from[2]));
  const auto all = hn::ConcatEven(d8, hn::BitCast(d8, high), hn::BitCast(d8, low));
  if (count >= kVectors * kIntegers) return hn::StoreU(all, d8, out);
#if HWY_TARGET <= HWY_AVX3
  hn::BlendedStore(all, hn::FirstN(d8, static_cast<size_t>(count)), d8, out);
#else
  HWY_ALIGN uint8_t edge[kVectors * kIntegers];
  hn::Store(all, d8, edge);
  std::copy_n(edge, count, out);
#endif
}

// In f64, as the reference kernels do it.
template <bool kScaleRows>
void store_bytes_exactly(const SumsBlock& block) {
  const Real d;
  const Integers integers;
  // Below 2^51, a sum with the rounder is rounded half to even by the addition itself, and its lowest bits
  // are those of the integer.
  const Scaling scaling{hn::Set(d, lowest_of(block)), hn::Set(d, lowest_of(block) + 255),
                        hn::Set(d, 0x1.8p52)};
  const auto zero_point = hn::Set(integers, block.zero_point);
  for (int64_t r = 0; r < block.rows; ++r) {
    const RowOfSums<Integers> row(block, r);
    const Reals bias = hn::Set(d, block.bias ? block.bias[r] : 0.0);
    const Reals row_scale = hn::Set(d, kScaleRows ? block.row_scale[r] : 0.0);
    uint8_t* out = static_cast<uint8_t*>(block.out) + r * block.out_stride;
    for (int64_t n = 0; n < block.columns; n += kVectors * kIntegers) {
      hn::Vec<Integers> results[kVectors] = {zero_point, zero_point, zero_point, zero_point};
      for (int v = 0; v < kVectors && n + v * kIntegers < block.columns; ++v) {
        const int64_t at = n + v * kIntegers;
        const double* scales = kScaleRows ? nullptr : block.column_scale + at;
        const auto sums = row.at(at);
        auto low = hn::PromoteTo(d, hn::LowerHalf(sums));
        auto high = hn::PromoteTo(d, hn::UpperHalf(hn::Half<Integers>(), sums));
        if (kScaleRows) low = hn::Add(low, bias), high = hn::Add(high, bias);
        const auto first = scaling(low, kScaleRows ? row_scale : hn::LoadU(d, scales));
        const auto second = scaling(high, kScaleRows ? row_scale : hn::LoadU(d, scales + kIntegers / 2));
        results[v] = hn::Add(hn::ConcatEven(integers, second, first), zero_point);
      }
      store_low_bytes(results, block.columns - n, out + n);
    }
  }
}

using Floats = hn::Repartition<float, Integers>;

// In f32, which is faster. With a sum and a scale rounded, what stays within ±256 is less than 2^-14 away
// from what f64 gives, so both round to the same integer unless they lie closer than that to the middle of
// two; what does not is beyond the limits in both.
struct FloatScaling {
  hn::Vec<Floats> scale, rounder;
  hn::Vec<Integers> lowest, highest;  // as the bits of their sums with the rounder, which are in order

  FloatScaling(const SumsBlock& block, int64_t r)
      : scale(hn::Set(Floats(), static_cast<float>(block.row_scale[r]))),
        // Rounds numbers below 2^22 by the addition itself; the lowest bits are those of the integer.
        rounder(hn::Set(Floats(), 0x1.8p23f + static_cast<float>(block.zero_point))),
        lowest(hn::BitCast(Integers(), hn::Add(rounder, limit(lowest_of(block))))),
        highest(hn::BitCast(Integers(), hn::Add(rounder, limit(lowest_of(block) + 255)))) {}

  // The first `vectors` of kVectors from column `n` on; false if one of their numbers is too close to a
  // middle.
  HWY_INLINE bool scale_vectors(const RowOfSums<Integers>& row, int64_t n, int vectors,
                                hn::Vec<Integers> (&results)[kVectors]) const {
    const Floats d;
    const Integers integers;
    auto farthest = hn::Zero(integers);  // from an integer, as the bits of positive floats
    for (int v = 0; v < vectors; ++v) {
      const auto sum = hn::ConvertTo(d, row.at(n + v * kIntegers));
      const auto rounded = hn::MulAdd(sum, scale, rounder);
      const auto rest = hn::MulSub(sum, scale, hn::Sub(rounded, rounder));
      farthest = hn::Max(farthest, hn::BitCast(integers, hn::Abs(rest)));
      results[v] = hn::Min(hn::Max(hn::BitCast(integers, rounded), lowest), highest);
    }
    return hn::AllFalse(integers, hn::Gt(farthest, hn::BitCast(integers, hn::Set(d, 0.5f - 0x1p-14f))));
  }

 private:
  static hn::Vec<Floats> limit(double value) { return hn::Set(Floats(), static_cast<float>(value)); }
};

// Some columns of one row.
SumsBlock part_of(const SumsBlock& block, int64_t r, int64_t n, int64_t count) {
  SumsBlock part = block;
  part.rows = 1, part.columns = count;
  part.sums += r * block.sums_stride + n;
  part.out = static_cast<uint8_t*>(block.out) + r * block.out_stride + n;
  for (const int32_t** of_row : {&part.row_add, &part.row_factor, &part.bias})
    if (*of_row) *of_row += r;
  for (const int32_t** of_column : {&part.column_add, &part.column_factor})
    if (*of_column) *of_column += n;
  part.row_scale += r;
  return part;
}

// Whether a row's sums with its bias are i32, and its scale is an ordinary number.
bool fits_floats(const SumsBlock& block, int64_t r) {
  const int64_t bias = block.bias ? block.bias[r] : 0;
  return std::abs(bias) + block.most <= std::numeric_limits<int32_t>::max() && block.row_scale[r] > 0x1p-90 &&
         block.row_scale[r] < 0x1p90;
}

void store_row_of_bytes(const SumsBlock& block, int64_t r) {
  constexpr int64_t kWhole = kVectors * kIntegers;
  const FloatScaling scaling(block, r);
  RowOfSums<Integers> row(block, r);
  if (block.bias) row.add = hn::Add(row.add, hn::Set(Integers(), block.bias[r]));
  uint8_t* out = static_cast<uint8_t*>(block.out) + r * block.out_stride;
  int64_t n = 0;
  for (; n + kWhole <= block.columns; n += kWhole) {
    hn::Vec<Integers> results[kVectors];
    if (HWY_LIKELY(scaling.scale_vectors(row, n, kVectors, results)))
      store_low_bytes(results, kWhole, out + n);
    else
      store_bytes_exactly<true>(part_of(block, r, n, kWhole));
  }
  const int64_t count = block.columns - n;
  if (count == 0) return;
  const auto zero = hn::Zero(Integers());
  hn::Vec<Integers> results[kVectors] = {zero, zero, zero, zero};
  if (scaling.scale_vectors(row, n, static_cast<int>(ceil_div(count, kIntegers)), results))
    store_low_bytes(results, count, out + n);
  else
    store_bytes_exactly<true>(part_of(block, r, n, count));
}

void store_bytes(const SumsBlock& block) {
  if (!block.row_scale) return store_bytes_exactly<false>(block);
  // Short rows do not pay for what a row of floats takes to begin.
  if (block.columns < kVectors * kIntegers) return store_bytes_exactly<true>(block);
  for (int64_t r = 0; r < block.rows; ++r)
    if (fits_floats(block, r))
      store_row_of_bytes(block, r);
    else
      store_bytes_exactly<true>(part_of(block, r, 0, block.columns));
}
#endif

void Store(const SumsBlock& block) {
  if (block.type != DataType::kInt32) return store_bytes(block);
  for (int64_t r = 0; r < block.rows; ++r) store_integers(block, r);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Store);

void store_sums(const SumsBlock& block) {
  HWY_DYNAMIC_DISPATCH(Store)(block);
}

}  // namespace slipway::engine
#endif
