// Dot products of bf16 by AVX512-BF16's vdpbf16ps, and the conversions that they need.
#include "engine/isa.hpp"
#include "engine/kernels/bfloat16_dot.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#define SLIPWAY_DOT_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace slipway::engine {
namespace {

#include "engine/kernels/dot_tile-inl.hpp"

constexpr int64_t kLanes = 16;

SLIPWAY_DOT_TARGET __mmask16 mask_of(int64_t count) {
  return count >= kLanes ? __mmask16{0xffff} : static_cast<__mmask16>((1U << count) - 1);
}

// Vectors as they are loaded; GCC's own type for sixteen or thirty-two bf16 is not the one that moves them.
template <typename To, typename From>
SLIPWAY_DOT_TARGET To bits_as(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

SLIPWAY_DOT_TARGET __m512i rounded(__m512 values) {
  return _mm512_cvtepu16_epi32(bits_as<__m256i>(_mm512_cvtneps_pbh(values)));
}

struct Avx512Bf16 {
  static constexpr int kLanes = 16;
  static constexpr int kMostRows = 8, kMostVectors = 3;  // as for bytes: dot_tile_avx512vnni.cpp

  struct Sums {
    __m512 raw;
  };
  template <bool>
  struct Lanes {
    __m512i raw;
    SLIPWAY_DOT_TARGET void load(const uint8_t* from) { raw = _mm512_loadu_si512(from); }
    SLIPWAY_DOT_TARGET void broadcast(const uint8_t* from) {
      int32_t pair;
      std::memcpy(&pair, from, sizeof pair);
      raw = _mm512_set1_epi32(pair);
    }
  };
  template <bool kSigned>
  using Row = Lanes<kSigned>;
  SLIPWAY_DOT_TARGET static Sums zero() { return {_mm512_setzero_ps()}; }
  template <bool kA, bool kB>
  SLIPWAY_DOT_TARGET static Sums add(const Sums& sums, const Lanes<kA>& a, const Lanes<kB>& b) {
    return {_mm512_dpbf16_ps(sums.raw, bits_as<__m512bh>(a.raw), bits_as<__m512bh>(b.raw))};
  }
  SLIPWAY_DOT_TARGET static void store(const Sums& sums, void* to) { _mm512_storeu_ps(to, sums.raw); }
};

SLIPWAY_DOT_TARGET __m512 added(const FloatSums& block, int64_t row, int64_t column, __mmask16 mask) {
  const float* from = block.add + row * block.add_row_stride + column * block.add_column_stride;
  return block.add_column_stride == 0 ? _mm512_set1_ps(*from) : _mm512_maskz_loadu_ps(mask, from);
}

}  // namespace

const DotKernel* bfloat16_dot_kernel() {
  static constexpr DotKernel kernel{dot_tile<Avx512Bf16>, Avx512Bf16::kLanes, Avx512Bf16::kMostVectors};
  return has_avx512bf16() ? &kernel : nullptr;
}

SLIPWAY_DOT_TARGET void pair_rows(const float* a, const float* b, int64_t count, uint16_t* out) {
  for (int64_t n = 0; n < count; n += kLanes) {
    const __mmask16 mask = mask_of(count - n);
    const __m512i low = rounded(_mm512_maskz_loadu_ps(mask, a + n));
    const __m512i high = rounded(_mm512_maskz_loadu_ps(mask, b + n));
    _mm512_mask_storeu_epi32(out + 2 * n, mask, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
  }
}

SLIPWAY_DOT_TARGET void round_row(const float* from, int64_t stride, int64_t count, float factor,
                                  int64_t length, uint16_t* to) {
  alignas(64) std::array<float, kLanes> apart;
  for (int64_t n = 0; n < count; n += kLanes) {
    const int64_t some = std::min(kLanes, count - n);
    const float* values = from + n * stride;
    if (stride != 1) {
      for (int64_t i = 0; i < some; ++i) apart[static_cast<size_t>(i)] = values[i * stride];
      values = apart.data();
    }
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask_of(some), values), _mm512_set1_ps(factor));
    _mm256_mask_storeu_epi16(to + n, mask_of(some), bits_as<__m256i>(_mm512_cvtneps_pbh(scaled)));
  }
  std::fill(to + count, to + length, uint16_t{0});
}

SLIPWAY_DOT_TARGET void store_float_sums(const FloatSums& block) {
  const __m512 lower = _mm512_set1_ps(block.clamp.lower), upper = _mm512_set1_ps(block.clamp.upper);
  const __m512 factor = _mm512_set1_ps(block.factor);
  for (int64_t row = 0; row < block.rows; ++row) {
    const __m512 start = _mm512_set1_ps(block.row_add ? block.row_add[row] : 0.0f);
    for (int64_t n = 0; n < block.columns; n += kLanes) {
      const __mmask16 mask = mask_of(block.columns - n);
      __m512 sum = _mm512_add_ps(_mm512_loadu_ps(block.sums + row * kMostDotWidth + n), start);
      if (block.add) sum = _mm512_fmadd_ps(added(block, row, n, mask), factor, sum);
      // Comparisons with NaN are false, so NaN stays NaN, as ONNX's Relu and Clip have it.
      sum = _mm512_mask_mov_ps(sum, _mm512_cmp_ps_mask(sum, lower, _CMP_LT_OQ), lower);
      sum = _mm512_mask_mov_ps(sum, _mm512_cmp_ps_mask(sum, upper, _CMP_GT_OQ), upper);
      _mm512_mask_storeu_ps(block.out + row * block.out_stride + n, mask, sum);
    }
  }
}

}  // namespace slipway::engine
#else
namespace slipway::engine {

const DotKernel* bfloat16_dot_kernel() {
  return nullptr;
}
void pair_rows(const float*, const float*, int64_t, uint16_t*) {}
void round_row(const float*, int64_t, int64_t, float, int64_t, uint16_t*) {}
void store_float_sums(const FloatSums&) {}

}  // namespace slipway::engine
#endif
