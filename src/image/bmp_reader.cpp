#include "image/bmp_reader.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "image/bmp_header.hpp"

namespace slipway {
namespace {

// Rows are counted in the order of the file.
uint8_t* row_of(Picture& picture, const BmpHeader& header, uint32_t stored) {
  return picture.row<uint8_t>(header.top_down ? stored : header.layout.height - 1 - stored).data();
}

void put_colour(const BmpHeader& header, uint32_t index, uint8_t* pixel) {
  if (index >= header.palette.size()) fail_damaged_bmp("a pixel has a colour that the palette lacks");
  std::memcpy(pixel, header.palette[index].data(), static_cast<size_t>(header.layout.channels));
}

void read_indices(const BmpHeader& header, const std::byte* row, uint8_t* out) {
  const auto bits = static_cast<uint32_t>(header.bits);
  for (uint32_t x = 0; x < header.layout.width; ++x) {
    const size_t bit = size_t{x} * bits;
    const auto byte = std::to_integer<uint32_t>(row[bit / 8]);
    const uint32_t index = byte >> (8 - bits - bit % 8) & ((1U << bits) - 1);
    put_colour(header, index, out + x * static_cast<size_t>(header.layout.channels));
  }
}

void read_24_bits(const BmpHeader& header, const std::byte* row, uint8_t* out) {
  for (size_t x = 0; x < header.layout.width; ++x)
    for (size_t c = 0; c < 3; ++c) out[3 * x + c] = std::to_integer<uint8_t>(row[3 * x + 2 - c]);
}

void read_masked(const BmpHeader& header, const std::byte* row, uint8_t* out) {
  const auto bytes = static_cast<size_t>(header.bits / 8),
             channels = static_cast<size_t>(header.layout.channels);
  for (size_t x = 0; x < header.layout.width; ++x) {
    uint32_t pixel = 0;
    for (size_t i = 0; i < bytes; ++i) pixel |= std::to_integer<uint32_t>(row[x * bytes + i]) << (8 * i);
    for (size_t c = 0; c < channels; ++c) {
      const BmpMask& mask = header.masks[c];
      const uint64_t value = pixel >> mask.shift & mask.highest;
      out[x * channels + c] = mask.highest == 0 ? 0 : static_cast<uint8_t>(value * 255 / mask.highest);
    }
  }
}

Picture read_rows(const BmpHeader& header) {
  if (header.row_bytes() * header.layout.height > header.pixels.size())
    fail_damaged_bmp("the file is truncated");
  Picture picture(header.layout);
  for (uint32_t y = 0; y < header.layout.height; ++y) {
    const std::byte* row = header.pixels.data() + y * header.row_bytes();
    uint8_t* out = row_of(picture, header, y);
    if (header.bits <= 8)
      read_indices(header, row, out);
    else if (header.bits == 24)
      read_24_bits(header, row, out);
    else
      read_masked(header, row, out);
  }
  return picture;
}

// Runs of equal pixels, and escapes: 0 ends a row, 1 the picture, 2 skips, others are pixels one by one.
// Calls put(x, row in the file's order, colour) for every pixel that is stated.
template <typename Put>
void walk_runs(const BmpHeader& header, Put put) {
  const std::span<const std::byte> data = header.pixels;
  const bool nibbles = header.compression == BmpCompression::kRle4;
  size_t at = 0;
  uint32_t x = 0, y = 0;
  const auto next = [&] {
    if (at >= data.size()) fail_damaged_bmp("the file is truncated");
    return std::to_integer<uint32_t>(data[at++]);
  };
  const auto emit = [&](uint32_t index) {
    if (x >= header.layout.width || y >= header.layout.height) fail_damaged_bmp("a run leaves its row");
    put(x++, y, index);
  };
  const auto half = [](uint32_t byte, uint32_t place) { return place % 2 == 0 ? byte >> 4 : byte & 15; };
  for (;;) {
    const uint32_t count = next(), value = next();
    if (count > 0) {
      for (uint32_t i = 0; i < count; ++i) emit(nibbles ? half(value, i) : value);
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      return;
    } else if (value == 2) {
      x += next();
      y += next();
      if (x > header.layout.width || y > header.layout.height)
        fail_damaged_bmp("it skips out of the picture");
    } else {
      const size_t bytes = nibbles ? (value + 1) / 2 : value;
      uint32_t byte = 0;
      for (uint32_t i = 0; i < value; ++i) {
        if (!nibbles || i % 2 == 0) byte = next();
        emit(nibbles ? half(byte, i) : byte);
      }
      if (bytes % 2 != 0) next();  // pads to pairs of bytes
    }
  }
}

// What no run states has colour 0.
Picture read_runs(const BmpHeader& header) {
  walk_runs(header, [](uint32_t, uint32_t, uint32_t) {});  // for damage, before memory is taken
  Picture picture(header.layout);
  const auto channels = static_cast<size_t>(header.layout.channels);
  for (uint32_t y = 0; y < header.layout.height; ++y)
    for (uint32_t x = 0; x < header.layout.width; ++x)
      put_colour(header, 0, row_of(picture, header, y) + x * channels);
  walk_runs(header, [&](uint32_t x, uint32_t y, uint32_t index) {
    put_colour(header, index, row_of(picture, header, y) + x * channels);
  });
  return picture;
}

}  // namespace

StoredPicture decode_bmp(std::span<const std::byte> file, const PictureLimits& limits) {
  const BmpHeader header = read_bmp_header(file, limits);
  const bool runs =
      header.compression == BmpCompression::kRle8 || header.compression == BmpCompression::kRle4;
  return {runs ? read_runs(header) : read_rows(header)};
}

}  // namespace slipway
