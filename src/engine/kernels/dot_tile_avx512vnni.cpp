// Dot products of bytes by AVX512-VNNI's vpdpbusd.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "engine/kernels/dot_tile.hpp"

#define SLIPWAY_DOT_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace slipway::engine {
namespace {

#include "engine/kernels/dot_tile-inl.hpp"

struct Avx512Vnni {
  static constexpr int kLanes = 16;
  static constexpr int kMostRows = 8,
                       kMostVectors = 3;  // 24 sums, 3 vectors of lanes, a row: of 32 registers

  struct Sums {
    __m512i raw;
  };
  template <bool kSigned>
  struct Lanes {
    __m512i raw;
    SLIPWAY_DOT_TARGET void load(const uint8_t* from) { raw = _mm512_loadu_si512(from); }
    SLIPWAY_DOT_TARGET void broadcast(const uint8_t* from) {
      int32_t quad;
      __builtin_memcpy(&quad, from, sizeof quad);
      raw = _mm512_set1_epi32(quad);
    }
  };
  template <bool kSigned>
  using Row = Lanes<kSigned>;
  SLIPWAY_DOT_TARGET static Sums zero() { return {_mm512_setzero_si512()}; }
  // The instruction wants the unsigned bytes first.
  SLIPWAY_DOT_TARGET static Sums add(const Sums& sums, const Lanes<false>& a, const Lanes<true>& b) {
    return {_mm512_dpbusd_epi32(sums.raw, a.raw, b.raw)};
  }
  SLIPWAY_DOT_TARGET static Sums add(const Sums& sums, const Lanes<true>& a, const Lanes<false>& b) {
    return {_mm512_dpbusd_epi32(sums.raw, b.raw, a.raw)};
  }
  SLIPWAY_DOT_TARGET static void store(const Sums& sums, int32_t* to) { _mm512_storeu_si512(to, sums.raw); }
};

}  // namespace

const DotKernel& avx512vnni_dot_kernel() {
  static constexpr DotKernel kernel{dot_tile<Avx512Vnni>, Avx512Vnni::kLanes, Avx512Vnni::kMostVectors,
                                    dot_along<Avx512Vnni>};
  return kernel;
}

}  // namespace slipway::engine
#endif
