// The tiles of dot_tile.hpp over the operations of an instruction set, which the including file gives as a
// class `Dot`: kLanes, kMostRows and kMostVectors; Lanes and Row, a vector of lanes and a broadcast row as
// they are multiplied, with load and broadcast; Sums, with zero, add and store. SLIPWAY_DOT_TARGET is the
// attribute that lets functions use the instruction set.
#include "engine/kernels/dot_tile.hpp"

template <typename Dot, bool kLanesSigned, int kRows, int kVectors>
SLIPWAY_DOT_TARGET void dot_rows(const DotTile& tile, int64_t first_row, int64_t first_vector) {
  typename Dot::Sums sums[kRows][kVectors];
  int32_t* to = static_cast<int32_t*>(tile.sums) + first_row * tile.sums_stride + first_vector * Dot::kLanes;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Dot::zero();
  const uint8_t* source = tile.source + first_vector * Dot::kLanes * 4;
  const uint8_t* rows = tile.rows + first_row * tile.row_stride;
  const int64_t stride = tile.row_stride, quads = tile.quads;
  const int64_t* offsets = tile.offsets;
  for (int64_t q = 0; q < quads; ++q, rows += 4) {
    const uint8_t* from = source + offsets[q];
    typename Dot::template Lanes<kLanesSigned> lanes[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) lanes[v].load(from + v * Dot::kLanes * 4);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      typename Dot::template Row<!kLanesSigned> row;
      row.broadcast(rows + r * stride);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Dot::add(sums[r][v], lanes[v], row);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) Dot::store(sums[r][v], to + r * tile.sums_stride + v * Dot::kLanes);
}

// All rows for kVectors vectors, in blocks of 8, 4, 2 and 1.
template <typename Dot, bool kLanesSigned, int kVectors>
void dot_columns(const DotTile& tile, int64_t first_vector) {
  int64_t row = 0;
  if constexpr (Dot::kMostRows >= 8)
    for (; row + 8 <= tile.row_count; row += 8)
      dot_rows<Dot, kLanesSigned, 8, kVectors>(tile, row, first_vector);
  for (; row + 4 <= tile.row_count; row += 4)
    dot_rows<Dot, kLanesSigned, 4, kVectors>(tile, row, first_vector);
  if (row + 2 <= tile.row_count) {
    dot_rows<Dot, kLanesSigned, 2, kVectors>(tile, row, first_vector);
    row += 2;
  }
  if (row < tile.row_count) dot_rows<Dot, kLanesSigned, 1, kVectors>(tile, row, first_vector);
}

template <typename Dot, bool kLanesSigned>
void dot_tile_of(const DotTile& tile) {
  constexpr int kMost = Dot::kMostVectors;
  int64_t vector = 0;
  // Two and two take less time than three and one.
  for (; vector + kMost <= tile.vectors && (kMost != 3 || vector + 4 != tile.vectors); vector += kMost)
    dot_columns<Dot, kLanesSigned, kMost>(tile, vector);
  if constexpr (kMost > 2)
    for (; vector + 2 <= tile.vectors; vector += 2) dot_columns<Dot, kLanesSigned, 2>(tile, vector);
  if constexpr (kMost > 1)
    if (vector < tile.vectors) dot_columns<Dot, kLanesSigned, 1>(tile, vector);
}

template <typename Dot>
void dot_tile(const DotTile& tile) {
  return tile.lanes_signed ? dot_tile_of<Dot, true>(tile) : dot_tile_of<Dot, false>(tile);
}

// Along the quads: whole vectors of them; what is beyond the last one is 0 in the source.
template <typename Dot, int kRows>
SLIPWAY_DOT_TARGET void dot_rows_along(const DotTile& tile, int64_t first_row) {
  typename Dot::Sums sums[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) sums[r] = Dot::zero();
  const uint8_t* rows = tile.rows + first_row * tile.row_stride;
  for (int64_t at = 0; at < tile.quads * 4; at += Dot::kLanes * 4) {
    typename Dot::template Lanes<false> lanes;
    lanes.load(tile.source + at);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      typename Dot::template Lanes<true> row;
      row.load(rows + r * tile.row_stride + at);
      sums[r] = Dot::add(sums[r], lanes, row);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    int32_t parts[Dot::kLanes];
    Dot::store(sums[r], parts);
    uint32_t sum = 0;
    for (int32_t part : parts) sum += static_cast<uint32_t>(part);
    static_cast<int32_t*>(tile.sums)[(first_row + r) * tile.sums_stride] = static_cast<int32_t>(sum);
  }
}

template <typename Dot>
void dot_along(const DotTile& tile) {
  int64_t row = 0;
  for (; row + 4 <= tile.row_count; row += 4) dot_rows_along<Dot, 4>(tile, row);
  for (; row < tile.row_count; ++row) dot_rows_along<Dot, 1>(tile, row);
}
