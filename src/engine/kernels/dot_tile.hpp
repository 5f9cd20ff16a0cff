// The micro-kernel of products of bytes: dot products of rows with lanes, four bytes of each at a time, in
// exact i32 (they wrap). Rows are broadcast from memory, lanes are found through a table of offsets, as in
// gemm_block.hpp:
//
//   sums[r][n] = Σ_q Σ_{i<4} rows[r · row_stride + 4q + i] · source[offsets[q] + 4n + i]
//
// One of the two is unsigned, the other signed: that is what instructions multiply. Callers turn bytes from
// one into the other by flipping the highest bit, which moves their zero point by 128.
#pragma once

#include <cstdint>
#include <span>

namespace slipway::engine {

// Lanes of the widest tile.
inline constexpr int64_t kMostDotWidth = 64;
// Rows that callers should offer at a time, those of kernels that widen, and those that are widened before.
inline constexpr int64_t kDotRows = 8, kWidenedDotRows = 24, kMostDotRows = 48;

// What a row is made into for kernels that do not multiply bytes, a part of kDotPartQuads, or what is left,
// after the other.
enum class DotRowForm : uint8_t {
  kBytes,    // it is left as it is
  kPairs,    // 16 bits for each byte, those at even places before those at odd ones
  kNibbles,  // the lower halves of bytes before the upper ones, 8 bits each
};
inline constexpr int64_t kDotPartQuads = 64;

struct DotTile {
  const uint8_t* rows = nullptr;  // unsigned when lanes are signed, else signed
  int64_t row_stride = 0;         // in bytes
  DotRowForm row_form = DotRowForm::kBytes;
  int64_t row_count = 0;
  const uint8_t* source = nullptr;
  const int64_t* offsets = nullptr;  // one for each four, in bytes
  int64_t quads = 0;
  bool lanes_signed = false;
  int64_t vectors = 0;   // of lanes
  void* sums = nullptr;  // i32 (f32 in bfloat16_dot.hpp), rows sums_stride apart
  int64_t sums_stride = kMostDotWidth;
};

struct DotKernel {
  void (*run)(const DotTile& tile);
  int64_t lanes;    // of a vector
  int64_t vectors;  // of the widest tile
  // For a single unsigned lane of which all quads lie one after the other at `source`, with zeros behind them
  // up to the next whole vector; rows are readable as far.
  void (*run_along)(const DotTile& tile) = nullptr;
  // Both sides, for each tile: it had better be wide and high. Rows may have been before, into pairs, or
  // into nibbles where there are only few.
  bool widens = false;
  int64_t few_rows = 0;
  int64_t width() const { return lanes * vectors; }
  DotRowForm row_form(int64_t rows) const {
    if (!widens) return DotRowForm::kBytes;
    return rows <= few_rows ? DotRowForm::kNibbles : DotRowForm::kPairs;
  }
  // That callers should offer at a time.
  int64_t rows(DotRowForm form = DotRowForm::kBytes) const {
    if (!widens) return kDotRows;
    return form == DotRowForm::kBytes ? kWidenedDotRows : kMostDotRows;
  }
  // Multiplications that are worth a piece of work of their own.
  int64_t piece_products() const { return int64_t{1} << (widens ? 18 : 20); }
};

// The fastest for this machine and SLIPWAY_ISA. All give the same sums.
const DotKernel& dot_kernel();

#if defined(__x86_64__)
const DotKernel& avx512vnni_dot_kernel();
const DotKernel& avxvnni_dot_kernel();
#endif

// Four rows of `count` bytes as lanes: out[4n + i] = rows[i][n] ^ flip.
void interleave_quads(const uint8_t* const (&rows)[4], int64_t count, uint8_t flip, uint8_t* out);

// The neighbours of every stride-th byte of a row: out[4n + i] = row[stride · n + i]. 16 bytes are readable
// beyond the last one.
void neighbour_quads(const uint8_t* row, int64_t count, int64_t stride, uint8_t* out);

// Runs of quads, each copied from a place behind source + offsets[q] to one behind to + q · stride; all in
// bytes, and in rising order on the target's side. 64 bytes beyond each are readable, beyond the last
// writable.
struct QuadRun {
  int64_t from, to, bytes;
};
void gather_quads(const uint8_t* source, const int64_t* offsets, int64_t quads, std::span<const QuadRun> runs,
                  int64_t stride, uint8_t* to);

// A row of `count` bytes, flipped; returns the sum of what was copied.
int32_t copy_row(const uint8_t* from, int64_t count, uint8_t flip, uint8_t* to);

// The same of unsigned bytes in a form, with zeros up to whole quads. Forms other than bytes are written up
// to 64 bytes beyond their end.
int32_t copy_quads(const uint8_t* from, int64_t count, uint8_t flip, DotRowForm form, uint8_t* to);
constexpr int64_t quad_bytes(DotRowForm form) {
  return form == DotRowForm::kBytes ? 4 : 8;
}

}  // namespace slipway::engine
