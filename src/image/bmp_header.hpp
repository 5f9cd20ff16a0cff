// The headers of a Windows bitmap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/picture.hpp"
#include "image/picture_limits.hpp"

namespace slipway {

enum class BmpCompression : uint32_t { kNone = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6 };

// Bits of a 16- or 32-bit pixel that hold one channel: `highest` after a shift; 0 for a channel that is not
// there.
struct BmpMask {
  int shift = 0;
  uint32_t highest = 0;
};

struct BmpHeader {
  PictureLayout layout;  // what the picture becomes
  int bits;              // of a pixel
  bool top_down;
  BmpCompression compression;
  std::array<BmpMask, 4> masks;                 // red, green, blue, alpha; for 16 and 32 bits
  std::vector<std::array<uint8_t, 3>> palette;  // red, green, blue
  std::span<const std::byte> pixels;            // from where they begin to the end of the file

  // Rows begin at multiples of four bytes.
  uint64_t row_bytes() const { return (uint64_t{layout.width} * static_cast<uint64_t>(bits) + 31) / 32 * 4; }
};

// Throws what decode_picture throws.
BmpHeader read_bmp_header(std::span<const std::byte> file, const PictureLimits& limits);

[[noreturn]] void fail_damaged_bmp(const char* reason);

}  // namespace slipway
