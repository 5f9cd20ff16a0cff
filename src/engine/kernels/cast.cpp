// Cast and CastLike between numbers of whole bytes and bools, as ops/cast.hpp has them. An element goes
// through the widest type of its kind that is needed (i32 or i64, u64, f32, f64): a few loops for the steps
// instead of one for each pair of types. Steps hand blocks over that stay in the cache.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/cast.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "ops/cast.hpp"

#ifndef SLIPWAY_CAST_ONCE
#define SLIPWAY_CAST_ONCE
namespace slipway::engine {

// From `route[0]` by way of the others to `route[steps]`.
struct CastRun {
  const DataType* route;
  size_t steps;
  const std::byte* in;
  std::byte* out;
  int64_t count;
};

inline constexpr int64_t kCastBlock = 1024;
inline constexpr size_t kMostCastSteps = 4;

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr uint32_t kSign = 0x80000000u, kInfinity = 0x7F800000u;

HWY_INLINE uint32_t bits_of_float(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
HWY_INLINE float float_of_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename From, typename To>
void convert(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const From*>(from);
  auto* HWY_RESTRICT out = static_cast<To*>(to);
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<To>(in[i]);
}

// Zero or not: to bools, which are bytes here, and from them.
template <typename From, typename To>
void test(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const From*>(from);
  auto* HWY_RESTRICT out = static_cast<To*>(to);
  for (int64_t i = 0; i < count; ++i) out[i] = in[i] != From{0} ? To{1} : To{0};
}

// Floats that fit into 32 bits are converted by these; a block with any other goes the exact way. Without
// their sign, bits are ordered as the floats are, NaN last.
template <typename From, typename Bits, typename To>
void truncate(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const From*>(from);
  auto* HWY_RESTRICT out = static_cast<To*>(to);
  const From limit = 2147483648.0f;
  Bits limit_bits, bits;
  std::memcpy(&limit_bits, &limit, sizeof limit);
  for (int64_t begin = 0; begin < count; begin += kCastBlock) {
    const int64_t end = std::min(count, begin + kCastBlock);
    Bits largest = 0;
    for (int64_t i = begin; i < end; ++i) {
      std::memcpy(&bits, in + i, sizeof bits);
      largest = std::max<Bits>(largest, bits & ~(Bits{1} << (8 * sizeof(Bits) - 1)));
    }
    if (largest >= limit_bits)
      for (int64_t i = begin; i < end; ++i) out[i] = static_cast<To>(ops::truncated(double{in[i]}));
    else
      for (int64_t i = begin; i < end; ++i) out[i] = static_cast<To>(static_cast<int32_t>(in[i]));
  }
}

// To f32, but what does not fit is rounded to the neighbour whose last bit is set: rounded once more, to half
// as many bits, that is what one rounding would have made.
void round_to_odd(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const double*>(from);
  auto* HWY_RESTRICT out = static_cast<float*>(to);
  for (int64_t i = 0; i < count; ++i) {
    const float nearest = static_cast<float>(in[i]);
    const double back = nearest;
    const uint32_t bits = bits_of_float(nearest);
    const uint32_t towards_zero = (in[i] < 0 ? back < in[i] : back > in[i]) ? bits - 1 : bits;
    out[i] = float_of_bits(back < in[i] || back > in[i] ? towards_zero | 1 : bits);
  }
}

void from_bfloat16(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const uint16_t*>(from);
  auto* HWY_RESTRICT out = static_cast<float*>(to);
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t bits = uint32_t{in[i]} << 16;
    const bool is_nan = (bits & ~kSign) > kInfinity;
    out[i] = float_of_bits(is_nan ? (bits & kSign) | 0x7FC00000u : bits);
  }
}

void to_bfloat16(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const uint32_t*>(from);
  auto* HWY_RESTRICT out = static_cast<uint16_t*>(to);
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t bits = in[i], rounded = bits + 0x7FFF + (bits >> 16 & 1);
    const bool is_nan = (bits & ~kSign) > kInfinity;
    out[i] = static_cast<uint16_t>((is_nan ? (bits & kSign) | 0x7FC00000u : rounded) >> 16);
  }
}

// Half precision. Multiplication by powers of two moves between the ranges of exponents, and rounds
// subnormals as it must.
HWY_INLINE float half_to_float(uint16_t half) {
  const uint32_t sign = uint32_t{half} << 16 & kSign, magnitude = half & 0x7FFFu;
  const uint32_t finite = bits_of_float(float_of_bits(magnitude << 13) * 0x1p112f);
  const uint32_t special = magnitude == 0x7C00u ? kInfinity : 0x7FC00000u;
  return float_of_bits((magnitude < 0x7C00u ? finite : special) | sign);
}

HWY_INLINE uint16_t float_to_half(uint32_t bits) {
  const uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & ~kSign;
  // 13 bits of the mantissa are rounded away, to even.
  const uint32_t normal = (magnitude - 0x38000000u + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  // An addition to 0.5 leaves multiples of 2^-24 in the last bits.
  const uint32_t subnormal = bits_of_float(float_of_bits(magnitude) + 0.5f) - 0x3F000000u;
  const uint32_t special = magnitude > kInfinity ? 0x7E00u : 0x7C00u;
  const uint32_t finite = magnitude < 0x38800000u ? subnormal : normal;
  return static_cast<uint16_t>((magnitude < 0x477FF000u ? finite : special) | sign);
}

#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
using FloatTag = hn::ScalableTag<float>;
using HalfTag = hn::Rebind<hwy::float16_t, FloatTag>;
using FloatVector = hn::Vec<FloatTag>;

// The instructions keep NaN's payload, which no cast of ours does.
HWY_INLINE FloatVector without_payload(FloatVector x) {
  const auto nan = hn::Set(FloatTag(), std::numeric_limits<float>::quiet_NaN());
  return hn::IfThenElse(hn::IsNaN(x), hn::CopySign(nan, x), x);
}

void from_float16(const void* from, void* to, int64_t count) {
  const FloatTag d;
  const HalfTag narrow;
  const auto* in = static_cast<const uint16_t*>(from);
  auto* out = static_cast<float*>(to);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, reinterpret_cast<const hwy::float16_t*>(in + i)));
    hn::StoreU(without_payload(x), d, out + i);
  }
  for (; i < count; ++i) out[i] = half_to_float(in[i]);
}

// Four vectors at a time, as a rule without NaN.
void to_float16(const void* from, void* to, int64_t count) {
  const FloatTag d;
  const HalfTag narrow;
  const hn::Twice<HalfTag> narrow_pair;
  const auto* in = static_cast<const float*>(from);
  auto* out = static_cast<hwy::float16_t*>(to);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto narrowed = [&](FloatVector x) HWY_ATTR { return hn::DemoteTo(narrow, x); };
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    FloatVector x[4];
    for (int64_t v = 0; v < 4; ++v) x[v] = hn::LoadU(d, in + i + v * lanes);
    const auto nan =
        hn::Or(hn::Or(hn::IsNaN(x[0]), hn::IsNaN(x[1])), hn::Or(hn::IsNaN(x[2]), hn::IsNaN(x[3])));
    if (HWY_UNLIKELY(!hn::AllFalse(d, nan)))
      for (FloatVector& one : x) one = without_payload(one);
    for (int64_t v = 0; v < 4; v += 2)
      hn::StoreU(hn::Combine(narrow_pair, narrowed(x[v + 1]), narrowed(x[v])), narrow_pair,
                 out + i + v * lanes);
  }
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(narrowed(without_payload(hn::LoadU(d, in + i))), narrow, out + i);
  auto* rest = static_cast<uint16_t*>(to);
  for (; i < count; ++i) rest[i] = float_to_half(bits_of_float(in[i]));
}
#else
void from_float16(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const uint16_t*>(from);
  auto* HWY_RESTRICT out = static_cast<float*>(to);
  for (int64_t i = 0; i < count; ++i) out[i] = half_to_float(in[i]);
}

void to_float16(const void* from, void* to, int64_t count) {
  const auto* HWY_RESTRICT in = static_cast<const uint32_t*>(from);
  auto* HWY_RESTRICT out = static_cast<uint16_t*>(to);
  for (int64_t i = 0; i < count; ++i) out[i] = float_to_half(in[i]);
}
#endif

using Loop = void (*)(const void* from, void* to, int64_t count);

struct CastLoop {
  DataType from;
  DataType to;
  Loop loop;
};

// To integers whose sign does not matter only the signed or the unsigned type is here.
constexpr CastLoop kLoops[] = {
    {DataType::kBool, DataType::kInt32, test<uint8_t, int32_t>},
    {DataType::kBool, DataType::kFloat, test<uint8_t, float>},
    {DataType::kInt8, DataType::kInt32, convert<int8_t, int32_t>},
    {DataType::kInt8, DataType::kFloat, convert<int8_t, float>},
    {DataType::kUint8, DataType::kInt32, convert<uint8_t, int32_t>},
    {DataType::kUint8, DataType::kFloat, convert<uint8_t, float>},
    {DataType::kInt16, DataType::kInt32, convert<int16_t, int32_t>},
    {DataType::kUint16, DataType::kInt32, convert<uint16_t, int32_t>},
    {DataType::kUint32, DataType::kInt64, convert<uint32_t, int64_t>},

    {DataType::kInt32, DataType::kBool, test<int32_t, uint8_t>},
    {DataType::kInt32, DataType::kUint8, convert<int32_t, uint8_t>},
    {DataType::kInt32, DataType::kUint16, convert<int32_t, uint16_t>},
    {DataType::kInt32, DataType::kInt32, convert<int32_t, int32_t>},
    {DataType::kInt32, DataType::kInt64, convert<int32_t, int64_t>},
    {DataType::kInt32, DataType::kFloat, convert<int32_t, float>},
    {DataType::kInt32, DataType::kDouble, convert<int32_t, double>},

    {DataType::kInt64, DataType::kBool, test<int64_t, uint8_t>},
    {DataType::kInt64, DataType::kUint8, convert<int64_t, uint8_t>},
    {DataType::kInt64, DataType::kUint16, convert<int64_t, uint16_t>},
    {DataType::kInt64, DataType::kInt32, convert<int64_t, int32_t>},
    {DataType::kInt64, DataType::kInt64, convert<int64_t, int64_t>},
    {DataType::kInt64, DataType::kFloat, convert<int64_t, float>},
    {DataType::kInt64, DataType::kDouble, convert<int64_t, double>},

    {DataType::kUint64, DataType::kBool, test<int64_t, uint8_t>},
    {DataType::kUint64, DataType::kUint8, convert<int64_t, uint8_t>},
    {DataType::kUint64, DataType::kUint16, convert<int64_t, uint16_t>},
    {DataType::kUint64, DataType::kInt32, convert<int64_t, int32_t>},
    {DataType::kUint64, DataType::kInt64, convert<int64_t, int64_t>},
    {DataType::kUint64, DataType::kFloat, convert<uint64_t, float>},
    {DataType::kUint64, DataType::kDouble, convert<uint64_t, double>},

    {DataType::kFloat, DataType::kBool, test<float, uint8_t>},
    {DataType::kFloat, DataType::kUint8, truncate<float, uint32_t, uint8_t>},
    {DataType::kFloat, DataType::kUint16, truncate<float, uint32_t, uint16_t>},
    {DataType::kFloat, DataType::kInt32, truncate<float, uint32_t, int32_t>},
    {DataType::kFloat, DataType::kInt64, truncate<float, uint32_t, int64_t>},
    {DataType::kFloat, DataType::kDouble, convert<float, double>},
    {DataType::kFloat, DataType::kFloat16, to_float16},
    {DataType::kFloat, DataType::kBfloat16, to_bfloat16},

    {DataType::kDouble, DataType::kBool, test<double, uint8_t>},
    {DataType::kDouble, DataType::kUint8, truncate<double, uint64_t, uint8_t>},
    {DataType::kDouble, DataType::kUint16, truncate<double, uint64_t, uint16_t>},
    {DataType::kDouble, DataType::kInt32, truncate<double, uint64_t, int32_t>},
    {DataType::kDouble, DataType::kInt64, truncate<double, uint64_t, int64_t>},
    {DataType::kDouble, DataType::kFloat, convert<double, float>},

    {DataType::kFloat16, DataType::kFloat, from_float16},
    {DataType::kBfloat16, DataType::kFloat, from_bfloat16},
};

Loop loop_of(DataType from, DataType to) {
  for (const CastLoop& entry : kLoops)
    if (entry.from == from && entry.to == to) return entry.loop;
  return nullptr;
}

bool HasStep(DataType from, DataType to) {
  return loop_of(from, to) != nullptr;
}

void Cast(const CastRun& run) {
  Loop loops[kMostCastSteps];
  for (size_t i = 0; i < run.steps; ++i) {
    const bool on_the_way = i + 1 < run.steps;
    loops[i] = loop_of(run.route[i], run.route[i + 1]);
    if (on_the_way && run.route[i] == DataType::kDouble) loops[i] = round_to_odd;
  }
  if (run.steps == 1) return loops[0](run.in, run.out, run.count);
  HWY_ALIGN uint64_t blocks[2][kCastBlock];
  const int64_t in_bytes = bits_of(run.route[0]) / 8, out_bytes = bits_of(run.route[run.steps]) / 8;
  for (int64_t begin = 0; begin < run.count; begin += kCastBlock) {
    const int64_t count = std::min(kCastBlock, run.count - begin);
    const void* from = run.in + begin * in_bytes;
    for (size_t i = 0; i + 1 < run.steps; ++i) {
      loops[i](from, blocks[i % 2], count);
      from = blocks[i % 2];
    }
    loops[run.steps - 1](from, run.out + begin * out_bytes, count);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(HasStep);
HWY_EXPORT(Cast);

namespace {

constexpr int64_t kPiece = int64_t{32} * 1024;

// The type that loops know for the same bits.
DataType stored_as(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return DataType::kUint8;
    case DataType::kInt16:
      return DataType::kUint16;
    case DataType::kUint32:
      return DataType::kInt32;
    case DataType::kUint64:
      return DataType::kInt64;
    default:
      return type;
  }
}

// The type that steps from elements of `type` begin with.
DataType widened(DataType type) {
  switch (type) {
    case DataType::kBool:
    case DataType::kInt8:
    case DataType::kUint8:
    case DataType::kInt16:
    case DataType::kUint16:
      return DataType::kInt32;
    case DataType::kUint32:
      return DataType::kInt64;
    case DataType::kFloat16:
    case DataType::kBfloat16:
      return DataType::kFloat;
    default:
      return type;
  }
}

std::vector<DataType> route_between(DataType from, DataType to) {
  const auto has_step = [](DataType a, DataType b) { return HWY_DYNAMIC_DISPATCH(HasStep)(a, b); };
  const bool to_half = to == DataType::kFloat16 || to == DataType::kBfloat16;
  std::vector<DataType> route{from};
  if (!has_step(from, to)) {
    const DataType wide = widened(from);
    const bool exact_in_float = bits_of(from) <= 16;
    if (wide != from) route.push_back(wide);
    if (to_half && !exact_in_float && wide != DataType::kDouble) route.push_back(DataType::kDouble);
    if (to_half && wide != DataType::kFloat) route.push_back(DataType::kFloat);
  }
  route.push_back(to);
  for (size_t i = 0; i + 1 < route.size(); ++i)
    if (!has_step(route[i], route[i + 1])) return {};
  return route;
}

class CastKernel : public Kernel {
 public:
  CastKernel(std::vector<DataType> route, int64_t count) : route_(std::move(route)), count_(count) {}

  void run(const KernelRun& run) const override {
    const auto* in = static_cast<const std::byte*>(run.input(0).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    const int64_t in_bytes = bits_of(route_.front()) / 8, out_bytes = bits_of(route_.back()) / 8;
    run.pool.parallel_for(static_cast<size_t>((count_ + kPiece - 1) / kPiece), [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * kPiece;
      HWY_DYNAMIC_DISPATCH(Cast)
      ({route_.data(), route_.size() - 1, in + begin * in_bytes, out + begin * out_bytes,
        std::min(kPiece, count_ - begin)});
    });
  }

 private:
  std::vector<DataType> route_;
  int64_t count_;
};

}  // namespace

std::unique_ptr<Kernel> make_cast(const KernelRequest& request) {
  auto route = route_between(request.input_types[0], stored_as(request.output_types[0]));
  if (route.empty()) return nullptr;
  return std::make_unique<CastKernel>(std::move(route), element_count(request.shapes.outputs[0]));
}

}  // namespace slipway::engine
#endif
