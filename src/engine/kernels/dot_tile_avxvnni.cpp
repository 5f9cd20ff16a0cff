// Dot products of bytes by AVX-VNNI's vpdpbusd.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "engine/kernels/dot_tile.hpp"

#define SLIPWAY_DOT_TARGET __attribute__((target("avx2,avxvnni")))

namespace slipway::engine {
namespace {

#include "engine/kernels/dot_tile-inl.hpp"

struct AvxVnni {
  static constexpr int kLanes = 8;
  static constexpr int kMostRows = 4, kMostVectors = 2;  // 8 sums, 2 vectors of lanes, a row: of 16 registers

  struct Sums {
    __m256i raw;
  };
  template <bool kSigned>
  struct Lanes {
    __m256i raw;
    SLIPWAY_DOT_TARGET void load(const uint8_t* from) {
      raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    SLIPWAY_DOT_TARGET void broadcast(const uint8_t* from) {
      int32_t quad;
      __builtin_memcpy(&quad, from, sizeof quad);
      raw = _mm256_set1_epi32(quad);
    }
  };
  template <bool kSigned>
  using Row = Lanes<kSigned>;
  SLIPWAY_DOT_TARGET static Sums zero() { return {_mm256_setzero_si256()}; }
  // The instruction wants the unsigned bytes first.
  SLIPWAY_DOT_TARGET static Sums add(const Sums& sums, const Lanes<false>& a, const Lanes<true>& b) {
    return {_mm256_dpbusd_avx_epi32(sums.raw, a.raw, b.raw)};
  }
  SLIPWAY_DOT_TARGET static Sums add(const Sums& sums, const Lanes<true>& a, const Lanes<false>& b) {
    return {_mm256_dpbusd_avx_epi32(sums.raw, b.raw, a.raw)};
  }
  SLIPWAY_DOT_TARGET static void store(const Sums& sums, int32_t* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums.raw);
  }
};

}  // namespace

const DotKernel& avxvnni_dot_kernel() {
  static constexpr DotKernel kernel{dot_tile<AvxVnni>, AvxVnni::kLanes, AvxVnni::kMostVectors,
                                    dot_along<AvxVnni>};
  return kernel;
}

}  // namespace slipway::engine
#endif
