// Samples of a picture in memory, as the codecs give and take them: rows from top to bottom, pixels from left
// to right, channels interleaved, no padding anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/memory_account.hpp"

namespace slipway {

// What the samples mean. Values are as stored in the file: sRGB-like and unpremultiplied, 0 to 2^depth - 1.
struct PictureLayout {
  uint32_t width = 0;   // pixels, at least 1
  uint32_t height = 0;  // pixels, at least 1
  int channels = 3;     // 1: grey; 2: grey, alpha; 3: red, green, blue; 4: red, green, blue, alpha
  int depth = 8;        // bits of a sample: 8 (uint8_t) or 16 (uint16_t of the machine's byte order)

  bool has_alpha() const { return channels == 2 || channels == 4; }
  uint64_t pixels() const { return uint64_t{width} * height; }
  size_t pixel_bytes() const { return static_cast<size_t>(channels) * static_cast<size_t>(depth / 8); }
  size_t row_bytes() const { return width * pixel_bytes(); }
  // Meaningful for a layout whose pixels were checked against a limit.
  size_t bytes() const { return row_bytes() * height; }

  // Throws kInvalidArgument unless every field has one of the values above.
  void check() const;
  bool operator==(const PictureLayout&) const = default;
};

class Picture {
 public:
  Picture() = default;
  // Samples are not initialised: memory is used where it is written. Errors: kInvalidArgument for a bad
  // layout, kOutOfMemory.
  explicit Picture(const PictureLayout& layout);

  const PictureLayout& layout() const { return layout_; }
  uint32_t width() const { return layout_.width; }
  uint32_t height() const { return layout_.height; }
  int channels() const { return layout_.channels; }
  int depth() const { return layout_.depth; }

  // All samples, row after row.
  std::span<std::byte> bytes() { return {samples_.get(), samples_ ? layout_.bytes() : 0}; }
  std::span<const std::byte> bytes() const { return {samples_.get(), samples_ ? layout_.bytes() : 0}; }

  // Row y < height(), of width() * channels() samples; Sample is uint8_t or uint16_t, as depth() says.
  template <typename Sample>
  std::span<Sample> row(uint32_t y) {
    return {reinterpret_cast<Sample*>(samples_.get() + y * layout_.row_bytes()),
            layout_.row_bytes() / sizeof(Sample)};
  }
  template <typename Sample>
  std::span<const Sample> row(uint32_t y) const {
    return {reinterpret_cast<const Sample*>(samples_.get() + y * layout_.row_bytes()),
            layout_.row_bytes() / sizeof(Sample)};
  }

 private:
  PictureLayout layout_{.width = 0, .height = 0};
  MemoryCharge charge_;
  std::unique_ptr<std::byte[]> samples_;
};

}  // namespace slipway
