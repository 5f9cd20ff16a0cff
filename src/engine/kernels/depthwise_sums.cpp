#include "engine/kernels/depthwise_sums.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/depthwise_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
using Tag = hn::ScalableTag<int32_t>;
using Tag16 = hn::Repartition<int16_t, Tag>;
using Tag8 = hn::Repartition<uint8_t, Tag>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Tag()));

// From bytes of a row to the first and the last two taps of each lane's quad, as pairs of 16 bits: the bytes
// of four outputs come into one block of 16, and from there into their lanes.
class Taps {
 public:
  Taps(int64_t stride, int64_t dilation) {
    HWY_ALIGN int32_t blocks[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) blocks[i] = static_cast<int32_t>(i / 4 * stride + i % 4);
    blocks_ = hn::SetTableIndices(Tag(), blocks);
    HWY_ALIGN uint8_t first[4 * kLanes], last[4 * kLanes];
    for (int64_t i = 0; i < 4 * kLanes; ++i) {
      const bool is_low = i % 2 == 0;
      const int64_t output = i % 16 / 4, tap = i % 4 / 2;
      first[i] = is_low ? static_cast<uint8_t>(output * stride + tap * dilation) : 0x80;
      last[i] = is_low ? static_cast<uint8_t>(output * stride + (tap + 2) * dilation) : 0x80;
    }
    first_ = hn::Load(Tag8(), first), last_ = hn::Load(Tag8(), last);
  }

  HWY_INLINE hn::Vec<Tag> load(const uint8_t* from) const {
    const auto bytes = hn::BitCast(Tag(), hn::LoadU(Tag8(), from));
    return hn::TableLookupLanes(bytes, blocks_);
  }
  HWY_INLINE hn::Vec<Tag16> first(hn::Vec<Tag> bytes) const { return pairs(bytes, first_); }
  HWY_INLINE hn::Vec<Tag16> last(hn::Vec<Tag> bytes) const { return pairs(bytes, last_); }

 private:
  static HWY_INLINE hn::Vec<Tag16> pairs(hn::Vec<Tag> bytes, hn::Vec<Tag8> places) {
    return hn::BitCast(Tag16(), hn::TableLookupBytesOr0(hn::BitCast(Tag8(), bytes), places));
  }

  decltype(hn::SetTableIndices(Tag(), static_cast<const int32_t*>(nullptr))) blocks_;
  hn::Vec<Tag8> first_, last_;
};

HWY_INLINE hn::Vec<Tag16> two_weights(const int16_t* from) {
  int32_t both;
  __builtin_memcpy(&both, from, sizeof both);
  return hn::BitCast(Tag16(), hn::Set(Tag(), both));
}

// kVectors of neighbouring outputs.
template <int kVectors>
HWY_INLINE void sum_vectors(const DepthwiseTile& tile, const Taps& taps, const uint8_t* source, int32_t* to) {
  hn::Vec<Tag> sums[kVectors], unused = hn::Zero(Tag());  // on x86, all goes to the first sum
  for (int v = 0; v < kVectors; ++v) sums[v] = unused;
  const int64_t quads = tile.quads, step = kLanes * tile.stride;
  for (int64_t q = 0; q < quads; ++q) {
    const auto first = two_weights(tile.weights + 4 * q), last = two_weights(tile.weights + 4 * q + 2);
    for (int v = 0; v < kVectors; ++v) {
      const auto bytes = taps.load(source + tile.offsets[q] + v * step);
      sums[v] = hn::ReorderWidenMulAccumulate(Tag(), taps.first(bytes), first, sums[v], unused);
      sums[v] = hn::ReorderWidenMulAccumulate(Tag(), taps.last(bytes), last, sums[v], unused);
    }
  }
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], Tag(), to + v * kLanes);
}

void Sums(const DepthwiseTile& tile) {
  const Taps taps(tile.stride, tile.dilation);
  // What a row's last vectors have too much is written over by the next row.
  for (int64_t y = 0; y < tile.rows; ++y) {
    const uint8_t* source = tile.source + y * tile.row_stride;
    int32_t* sums = tile.sums + y * tile.width;
    int64_t x = 0;
    for (; x + kLanes < tile.width; x += 2 * kLanes)
      sum_vectors<2>(tile, taps, source + x * tile.stride, sums + x);
    if (x < tile.width) sum_vectors<1>(tile, taps, source + x * tile.stride, sums + x);
  }
}
#else
// Loops that compilers vectorise.
void Sums(const DepthwiseTile& tile) {
  for (int64_t y = 0; y < tile.rows; ++y) {
    int32_t* HWY_RESTRICT sums = tile.sums + y * tile.width;
    std::fill_n(sums, tile.width, 0);
    for (int64_t tap = 0; tap < 4 * tile.quads; ++tap) {
      const int32_t weight = tile.weights[tap];
      if (weight == 0) continue;
      const uint8_t* HWY_RESTRICT from =
          tile.source + y * tile.row_stride + tile.offsets[tap / 4] + tap % 4 * tile.dilation;
      for (int64_t x = 0; x < tile.width; ++x)
        sums[x] = static_cast<int32_t>(static_cast<uint32_t>(sums[x]) +
                                       static_cast<uint32_t>(from[x * tile.stride] * weight));
    }
  }
}
#endif

void CopyRows(const uint8_t* from, int64_t from_stride, int64_t width, int64_t rows, uint8_t flip,
              int64_t to_stride, uint8_t* to) {
  const HWY_CAPPED(uint8_t, 16) d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto flips = hn::Set(d, flip);
  const auto copy = [&](int64_t x) { hn::StoreU(hn::Xor(hn::LoadU(d, from + x), flips), d, to + x); };
  for (int64_t y = 0; y < rows; ++y, from += from_stride, to += to_stride) {
    int64_t x = 0;
    for (; x + lanes <= width; x += lanes) copy(x);
    if (x == width) continue;
    if (width >= lanes)
      copy(width - lanes);
    else
      for (; x < width; ++x) to[x] = from[x] ^ flip;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Sums);
HWY_EXPORT(CopyRows);

void depthwise_sums(const DepthwiseTile& tile) {
  HWY_DYNAMIC_DISPATCH(Sums)(tile);
}

void copy_rows(const uint8_t* from, int64_t from_stride, int64_t width, int64_t rows, uint8_t flip,
               int64_t to_stride, uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(CopyRows)(from, from_stride, width, rows, flip, to_stride, to);
}

}  // namespace slipway::engine
#endif
