// The tiles of dot_tile.hpp where no instruction adds products of four bytes in 32 bits; for Highway's
// targets on x86, included by dot_tile.cpp within each of them.
//
// Bytes become 16 bits, those at even places apart from those at odd ones, and products of neighbours are
// added in 32 bits: two pairs for every quad. Both sides are widened into buffers that stay in the L1 cache,
// rows once for all vectors and vectors once for all rows.
//
// Products of bytes that are added in 16 bits saturate, those of half a byte do not. For a few rows these
// take fewer instructions, as the lanes are multiplied as they are.

using Tag16 = hn::Repartition<int16_t, Tag>;
using Tag8 = hn::Repartition<uint8_t, Tag>;
using Pairs = hn::Vec<Tag16>;

inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(Tag()));
inline constexpr int kMostVectors = 2;
// 12 sums, 2 vectors of lanes, a row and a product: of 16 registers; with 32 of them, 16 sums.
inline constexpr int kTileRows = HWY_TARGET <= HWY_AVX3 ? 8 : 6;
inline constexpr int64_t kPartBytes = kDotPartQuads * 8;  // of a widened part of a row

template <bool kSigned>
HWY_INLINE Pairs even_bytes(Vector bytes) {
  const Tag16 d;
  const Pairs both = hn::BitCast(d, bytes);
  return kSigned ? hn::ShiftRight<8>(hn::ShiftLeft<8>(both)) : hn::And(both, hn::Set(d, 0xFF));
}

template <bool kSigned>
HWY_INLINE Pairs odd_bytes(Vector bytes) {
  const Tag16 d;
  const hn::RebindToUnsigned<Tag16> du;
  const Pairs both = hn::BitCast(d, bytes);
  return kSigned ? hn::ShiftRight<8>(both) : hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(du, both)));
}

// From 0 to 15; the upper ones have the sign of the byte.
HWY_INLINE hn::Vec<Tag8> lower_nibbles(Vector bytes) {
  return hn::And(hn::BitCast(Tag8(), bytes), hn::Set(Tag8(), uint8_t{15}));
}

template <bool kSigned>
HWY_INLINE hn::Vec<Tag8> upper_nibbles(Vector bytes) {
  const hn::RebindToSigned<Tag8> ds;
  if constexpr (kSigned) return hn::BitCast(Tag8(), hn::ShiftRight<4>(hn::BitCast(ds, bytes)));
  return hn::ShiftRight<4>(hn::BitCast(Tag8(), bytes));
}

HWY_INLINE Vector load_bytes(const uint8_t* from) {
  return hn::BitCast(Tag(), hn::LoadU(Tag8(), from));
}

HWY_INLINE Vector broadcast_quad(const uint8_t* from) {
  int32_t quad;
  __builtin_memcpy(&quad, from, sizeof quad);
  return hn::Set(Tag(), quad);
}

HWY_INLINE Vector add_products(Vector sums, Pairs a, Pairs b) {
  Vector unused = hn::Zero(Tag());  // on x86, neighbours' products all go to the first sum
  return hn::ReorderWidenMulAccumulate(Tag(), a, b, sums, unused);
}

// `change(bytes)` of all quads of a row, in whole vectors: up to one is written beyond the last.
template <typename Change>
HWY_INLINE void change_quads(const uint8_t* from, int64_t quads, uint8_t* to, Change change) {
  for (int64_t q = 0; q < quads; q += kLanes) {
    HWY_ALIGN uint8_t last[kLanes * 4] = {};
    const bool is_whole = q + kLanes <= quads;
    if (!is_whole) __builtin_memcpy(last, from + q * 4, static_cast<size_t>((quads - q) * 4));
    hn::StoreU(hn::BitCast(Tag8(), change(load_bytes(is_whole ? from + q * 4 : last))), Tag8(), to + q * 4);
  }
}

// A part of a row.
template <bool kSigned>
void widen_row(const uint8_t* from, int64_t quads, DotRowForm form, uint8_t* to) {
  uint8_t* second = to + quads * 4;
  if (form == DotRowForm::kPairs) {
    change_quads(from, quads, to, [](Vector bytes) HWY_ATTR { return even_bytes<kSigned>(bytes); });
    change_quads(from, quads, second, [](Vector bytes) HWY_ATTR { return odd_bytes<kSigned>(bytes); });
  } else {
    change_quads(from, quads, to, [](Vector bytes) HWY_ATTR { return lower_nibbles(bytes); });
    change_quads(from, quads, second, [](Vector bytes) HWY_ATTR { return upper_nibbles<kSigned>(bytes); });
  }
}

// Pairs of kVectors vectors of lanes: all of a place lie side by side, even ones before odd ones.
template <bool kSigned, int kVectors>
void widen_lanes(const uint8_t* source, const int64_t* offsets, int64_t quads, int16_t* to) {
  const Tag16 d;
  int16_t* odd = to + quads * kVectors * kLanes * 2;
  for (int64_t q = 0; q < quads; ++q)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v, to += kLanes * 2, odd += kLanes * 2) {
      const Vector bytes = load_bytes(source + offsets[q] + v * kLanes * 4);
      hn::StoreU(even_bytes<kSigned>(bytes), d, to);
      hn::StoreU(odd_bytes<kSigned>(bytes), d, odd);
    }
}

struct PairTile {
  const uint8_t* rows;
  int64_t row_stride;  // in bytes
  const int16_t* lanes;
  int64_t pairs;
  bool adds;  // to the sums that are there
  int32_t* sums;
  int64_t sums_stride;
};

template <int kRows, int kVectors>
void multiply_pairs(const PairTile& tile, int64_t first_row) {
  const Tag d;
  Vector sums[kRows][kVectors];
  int32_t* to = tile.sums + first_row * tile.sums_stride;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      sums[r][v] = tile.adds ? hn::LoadU(d, to + r * tile.sums_stride + v * kLanes) : hn::Zero(d);
  const uint8_t* rows = tile.rows + first_row * tile.row_stride;
  const int64_t row_stride = tile.row_stride;
  const int16_t* from = tile.lanes;
#pragma GCC unroll 2
  for (int64_t p = 0; p < tile.pairs; ++p, rows += 4, from += kVectors * kLanes * 2) {
    Pairs lanes[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) lanes[v] = hn::LoadU(Tag16(), from + v * kLanes * 2);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Pairs row = hn::BitCast(Tag16(), broadcast_quad(rows + r * row_stride));
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[r][v] = add_products(sums[r][v], lanes[v], row);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[r][v], d, to + r * tile.sums_stride + v * kLanes);
}

template <int kVectors>
void multiply_rows(const PairTile& tile, int64_t count) {
  int64_t row = 0;
  for (; row + kTileRows <= count; row += kTileRows) multiply_pairs<kTileRows, kVectors>(tile, row);
  for (; row + 4 <= count; row += 4) multiply_pairs<4, kVectors>(tile, row);
  for (; row + 2 <= count; row += 2) multiply_pairs<2, kVectors>(tile, row);
  if (row < count) multiply_pairs<1, kVectors>(tile, row);
}

// A part of a few vectors, and of rows in pairs.
template <bool kLanesSigned, int kVectors>
void multiply_vectors(const DotTile& tile, int64_t first, bool adds) {
  alignas(64) int16_t lanes[kDotPartQuads * kVectors * kLanes * 4];
  widen_lanes<kLanesSigned, kVectors>(tile.source + first * kLanes * 4, tile.offsets, tile.quads, lanes);
  int32_t* sums = static_cast<int32_t*>(tile.sums) + first * kLanes;
  multiply_rows<kVectors>({tile.rows, tile.row_stride, lanes, tile.quads * 2, adds, sums, tile.sums_stride},
                          tile.row_count);
}

template <bool kLanesSigned>
void multiply_part(const DotTile& tile, bool adds) {
  int64_t vector = 0;
  for (; vector + 2 <= tile.vectors; vector += 2) multiply_vectors<kLanesSigned, 2>(tile, vector, adds);
  if (vector < tile.vectors) multiply_vectors<kLanesSigned, 1>(tile, vector, adds);
}

inline constexpr int64_t kFewRows = 3;

// Products of unsigned and signed bytes, neighbours added in 16 bits.
HWY_INLINE Pairs multiply_bytes(Vector unsigned_bytes, Vector signed_bytes) {
#if HWY_TARGET <= HWY_AVX3
  return Pairs{_mm512_maddubs_epi16(unsigned_bytes.raw, signed_bytes.raw)};
#elif HWY_TARGET <= HWY_AVX2
  return Pairs{_mm256_maddubs_epi16(unsigned_bytes.raw, signed_bytes.raw)};
#else
  return Pairs{_mm_maddubs_epi16(unsigned_bytes.raw, signed_bytes.raw)};
#endif
}

template <bool kLanesSigned>
HWY_INLINE Pairs multiply_nibbles(Vector lanes, Vector nibbles) {
  return kLanesSigned ? multiply_bytes(nibbles, lanes) : multiply_bytes(lanes, nibbles);
}

// Quads of which sums of products fit into 16 bits: 15 · 128 · 2 or 15 · 255 · 2 each.
template <bool kLanesSigned>
inline constexpr int64_t kMostNibbles = kLanesSigned ? 8 : 4;

template <bool kLanesSigned, int kVectors>
void multiply_nibbles_of_row(const DotTile& tile, int64_t r, int64_t first, bool adds) {
  constexpr int64_t kMost = kMostNibbles<kLanesSigned>;
  const Tag d;
  const Tag16 d16;
  const uint8_t* source = tile.source + first * kLanes * 4;
  const uint8_t *lower = tile.rows + r * tile.row_stride, *upper = lower + tile.quads * 4;
  const int64_t* offsets = tile.offsets;
  int32_t* to = static_cast<int32_t*>(tile.sums) + r * tile.sums_stride + first * kLanes;
  Vector sums[kVectors];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) sums[v] = adds ? hn::LoadU(d, to + v * kLanes) : hn::Zero(d);
  const auto add_quads = [&](int64_t count) HWY_ATTR {
    Pairs low[kVectors], high[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) low[v] = high[v] = hn::Zero(d16);
#pragma GCC unroll 1
    for (int64_t q = 0; q < count; ++q) {
      const Vector lower_quad = broadcast_quad(lower + q * 4), upper_quad = broadcast_quad(upper + q * 4);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        const Vector lanes = load_bytes(source + offsets[q] + v * kLanes * 4);
        low[v] = hn::Add(low[v], multiply_nibbles<kLanesSigned>(lanes, lower_quad));
        high[v] = hn::Add(high[v], multiply_nibbles<kLanesSigned>(lanes, upper_quad));
      }
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      sums[v] = add_products(add_products(sums[v], low[v], hn::Set(d16, int16_t{1})), high[v],
                             hn::Set(d16, int16_t{16}));
    lower += count * 4, upper += count * 4, offsets += count;
  };
  int64_t left = tile.quads;
  for (; left >= kMost; left -= kMost) add_quads(kMost);
  if (left > 0) add_quads(left);
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, to + v * kLanes);
}

template <bool kLanesSigned>
void multiply_nibbles_of_part(const DotTile& tile, bool adds) {
  for (int64_t r = 0; r < tile.row_count; ++r) {
    int64_t vector = 0;
    for (; vector + 2 <= tile.vectors; vector += 2)
      multiply_nibbles_of_row<kLanesSigned, 2>(tile, r, vector, adds);
    if (vector < tile.vectors) multiply_nibbles_of_row<kLanesSigned, 1>(tile, r, vector, adds);
  }
}

// Rows that are bytes become what is best for their number.
template <bool kLanesSigned>
void multiply_rows_of_part(DotTile& part, bool adds) {
  alignas(64) uint8_t rows[kWidenedDotRows * kPartBytes + kLanes * 4];
  if (part.row_form == DotRowForm::kBytes) {
    part.row_form = part.row_count <= kFewRows ? DotRowForm::kNibbles : DotRowForm::kPairs;
    for (int64_t r = 0; r < part.row_count; ++r)
      widen_row<!kLanesSigned>(part.rows + r * part.row_stride, part.quads, part.row_form,
                               rows + r * kPartBytes);
    part.rows = rows, part.row_stride = kPartBytes;
  }
  if (part.row_form == DotRowForm::kNibbles)
    multiply_nibbles_of_part<kLanesSigned>(part, adds);
  else
    multiply_part<kLanesSigned>(part, adds);
}

template <bool kLanesSigned>
void dot_pairs_of(const DotTile& tile) {
  const int64_t rows = tile.row_form == DotRowForm::kBytes ? kWidenedDotRows : tile.row_count;
  for (int64_t row = 0; row < tile.row_count; row += rows)
    for (int64_t first = 0; first == 0 || first < tile.quads; first += kDotPartQuads) {
      DotTile part = tile;
      part.row_count = std::min(rows, tile.row_count - row);
      part.sums = static_cast<int32_t*>(tile.sums) + row * tile.sums_stride;
      part.rows = tile.rows + row * tile.row_stride + first * quad_bytes(tile.row_form);
      part.quads = std::min(kDotPartQuads, tile.quads - first);
      part.offsets = tile.offsets + first;
      multiply_rows_of_part<kLanesSigned>(part, first > 0);
    }
}

void dot_pairs(const DotTile& tile) {
  return tile.lanes_signed ? dot_pairs_of<true>(tile) : dot_pairs_of<false>(tile);
}
