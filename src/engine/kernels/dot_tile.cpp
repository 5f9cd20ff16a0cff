#include "engine/kernels/dot_tile.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/dot_tile.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/isa.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#undef SLIPWAY_DOT_TARGET
#define SLIPWAY_DOT_TARGET
#include "engine/kernels/dot_tile-inl.hpp"

using Tag = hn::ScalableTag<int32_t>;
using Vector = hn::Vec<Tag>;

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3
#include "engine/kernels/dot_pairs-inl.hpp"

// For sums along the quads, where nothing is used twice.
struct PairsAlong {
  static constexpr int kLanes = HWY_NAMESPACE::kLanes;

  using Sums = Vector;
  template <bool kSigned>
  struct Lanes {
    Pairs even, odd;
    HWY_INLINE void load(const uint8_t* from) {
      const Vector bytes = load_bytes(from);
      even = even_bytes<kSigned>(bytes), odd = odd_bytes<kSigned>(bytes);
    }
  };
  static HWY_INLINE Sums zero() { return hn::Zero(Tag()); }
  template <typename A, typename B>
  static HWY_INLINE Sums add(Sums sums, const A& a, const B& b) {
    return add_products(add_products(sums, a.even, b.even), a.odd, b.odd);
  }
  static HWY_INLINE void store(Sums sums, int32_t* to) { hn::StoreU(sums, Tag(), to); }
};

const DotKernel* Kernel() {
  static constexpr DotKernel kernel{dot_pairs, kLanes, kMostVectors, dot_along<PairsAlong>, true, kFewRows};
  return &kernel;
}
#else
template <bool kSigned>
void widen_row(const uint8_t*, int64_t, DotRowForm, uint8_t*) {}  // its kernel has none but bytes

// One byte after the other, in 32 bits.
struct Singles {
  static constexpr int kLanes = static_cast<int>(hn::MaxLanes(Tag()));
  static constexpr int kMostRows = 4, kMostVectors = 2;

  using Sums = Vector;
  template <bool kSigned>
  struct Lanes {
    Vector bytes;
    template <int kByte>
    HWY_INLINE Vector at() const {
      const hn::RebindToUnsigned<Tag> du;
      const auto highest = hn::ShiftLeft<24 - 8 * kByte>(bytes);
      if constexpr (kSigned) return hn::ShiftRight<24>(highest);
      return hn::BitCast(Tag(), hn::ShiftRight<24>(hn::BitCast(du, highest)));
    }
    HWY_INLINE void load(const uint8_t* from) {
      HWY_ALIGN int32_t quads[kLanes];
      __builtin_memcpy(quads, from, sizeof quads);
      bytes = hn::Load(Tag(), quads);
    }
    HWY_INLINE void broadcast(const uint8_t* from) {
      int32_t quad;
      __builtin_memcpy(&quad, from, sizeof quad);
      bytes = hn::Set(Tag(), quad);
    }
  };
  template <bool kSigned>
  using Row = Lanes<kSigned>;
  static HWY_INLINE Sums zero() { return hn::Zero(Tag()); }
  template <typename A, typename B>
  static HWY_INLINE Sums add(Sums sums, const A& a, const B& b) {
    sums = hn::Add(sums, hn::Mul(a.template at<0>(), b.template at<0>()));
    sums = hn::Add(sums, hn::Mul(a.template at<1>(), b.template at<1>()));
    sums = hn::Add(sums, hn::Mul(a.template at<2>(), b.template at<2>()));
    return hn::Add(sums, hn::Mul(a.template at<3>(), b.template at<3>()));
  }
  static HWY_INLINE void store(Sums sums, int32_t* to) { hn::StoreU(sums, Tag(), to); }
};

const DotKernel* Kernel() {
  static constexpr DotKernel kernel{dot_tile<Singles>, Singles::kLanes, Singles::kMostVectors,
                                    dot_along<Singles>};
  return &kernel;
}
#endif

#if HWY_TARGET != HWY_SCALAR
// As many of the bytes from `n` on as fill whole vectors of kBytes; returns where they end.
template <int64_t kBytes>
HWY_INLINE int64_t interleave(const uint8_t* const (&rows)[4], int64_t n, int64_t count, uint8_t flip,
                              uint8_t* out) {
  const HWY_CAPPED(uint8_t, kBytes) d;
  const hn::Repartition<uint16_t, decltype(d)> d16;
  const auto flips = hn::Set(d, flip);
  for (; n + kBytes <= count; n += kBytes) {
    const auto a = hn::Xor(hn::LoadU(d, rows[0] + n), flips), b = hn::Xor(hn::LoadU(d, rows[1] + n), flips);
    const auto c = hn::Xor(hn::LoadU(d, rows[2] + n), flips), e = hn::Xor(hn::LoadU(d, rows[3] + n), flips);
    const auto ab = hn::BitCast(d16, hn::InterleaveLower(d, a, b));
    const auto ce = hn::BitCast(d16, hn::InterleaveLower(d, c, e));
    const auto ab_upper = hn::BitCast(d16, hn::InterleaveUpper(d, a, b));
    const auto ce_upper = hn::BitCast(d16, hn::InterleaveUpper(d, c, e));
    uint8_t* to = out + 4 * n;
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, ab, ce)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, ab, ce)), d, to + kBytes);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, ab_upper, ce_upper)), d, to + 2 * kBytes);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, ab_upper, ce_upper)), d, to + 3 * kBytes);
  }
  return n;
}
#endif

void InterleaveQuads(const uint8_t* const (&rows)[4], int64_t count, uint8_t flip, uint8_t* out) {
  int64_t n = 0;
#if HWY_TARGET != HWY_SCALAR
  n = interleave<16>(rows, n, count, flip, out);
  n = interleave<8>(rows, n, count, flip, out);
  n = interleave<4>(rows, n, count, flip, out);
#endif
  for (; n < count; ++n)
    for (int i = 0; i < 4; ++i) out[4 * n + i] = rows[i][n] ^ flip;
}

void NeighbourQuads(const uint8_t* row, int64_t count, int64_t stride, uint8_t* out) {
  int64_t n = 0;
#if HWY_TARGET != HWY_SCALAR
  const HWY_CAPPED(uint8_t, 16) d;
  HWY_ALIGN uint8_t places[16];
  for (int64_t i = 0; i < 16; ++i) places[i] = static_cast<uint8_t>(i / 4 * stride + i % 4);
  const auto shuffle = hn::Load(d, places);
  if (3 * stride + 3 < 16)
    for (; n + 4 <= count; n += 4)
      hn::StoreU(hn::TableLookupBytes(hn::LoadU(d, row + n * stride), shuffle), d, out + 4 * n);
#endif
  for (; n < count; ++n) __builtin_memcpy(out + 4 * n, row + n * stride, 4);
}

// What a copy has too much is written over by the next one.
void GatherQuads(const uint8_t* source, const int64_t* offsets, int64_t quads, std::span<const QuadRun> runs,
                 int64_t stride, uint8_t* to) {
  const HWY_CAPPED(uint8_t, 64) d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t q = 0; q < quads; ++q)
    for (const QuadRun& run : runs)
      for (int64_t i = 0; i < run.bytes; i += lanes)
        hn::StoreU(hn::LoadU(d, source + offsets[q] + run.from + i), d, to + q * stride + run.to + i);
}

int32_t CopyRow(const uint8_t* HWY_RESTRICT from, int64_t count, uint8_t flip, uint8_t* HWY_RESTRICT to) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const auto byte = static_cast<uint8_t>(from[i] ^ flip);
    to[i] = byte;
    sum += byte;
  }
  return static_cast<int32_t>(sum);
}

int32_t CopyQuads(const uint8_t* from, int64_t count, uint8_t flip, DotRowForm form, uint8_t* to) {
  if (form == DotRowForm::kBytes) {
    for (int64_t i = count; i % 4 != 0; ++i) to[i] = 0;
    return CopyRow(from, count, flip, to);
  }
  uint32_t sum = 0;
  uint8_t part[kDotPartQuads * 4];
  for (int64_t i = 0; i < count; i += kDotPartQuads * 4, to += kDotPartQuads * quad_bytes(form)) {
    const int64_t bytes = std::min(kDotPartQuads * 4, count - i);
    sum += static_cast<uint32_t>(CopyQuads(from + i, bytes, flip, DotRowForm::kBytes, part));
    widen_row<false>(part, ceil_div(bytes, 4), form, to);
  }
  return static_cast<int32_t>(sum);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Kernel);
HWY_EXPORT(InterleaveQuads);
HWY_EXPORT(NeighbourQuads);
HWY_EXPORT(GatherQuads);
HWY_EXPORT(CopyRow);
HWY_EXPORT(CopyQuads);

const DotKernel& dot_kernel() {
#if defined(__x86_64__)
  if (has_avx512vnni()) return avx512vnni_dot_kernel();
  if (has_avxvnni()) return avxvnni_dot_kernel();
#endif
  return *HWY_DYNAMIC_DISPATCH(Kernel)();
}

void interleave_quads(const uint8_t* const (&rows)[4], int64_t count, uint8_t flip, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(InterleaveQuads)(rows, count, flip, out);
}

void neighbour_quads(const uint8_t* row, int64_t count, int64_t stride, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(NeighbourQuads)(row, count, stride, out);
}

void gather_quads(const uint8_t* source, const int64_t* offsets, int64_t quads, std::span<const QuadRun> runs,
                  int64_t stride, uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(GatherQuads)(source, offsets, quads, runs, stride, to);
}

int32_t copy_row(const uint8_t* from, int64_t count, uint8_t flip, uint8_t* to) {
  return HWY_DYNAMIC_DISPATCH(CopyRow)(from, count, flip, to);
}

int32_t copy_quads(const uint8_t* from, int64_t count, uint8_t flip, DotRowForm form, uint8_t* to) {
  return HWY_DYNAMIC_DISPATCH(CopyQuads)(from, count, flip, form, to);
}

}  // namespace slipway::engine
#endif
