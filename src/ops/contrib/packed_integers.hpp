// Unsigned integers of 2, 4 or 8 bits in bytes, the first one in the lowest bits: the form of block-quantised
// weights.
#pragma once

#include <span>

#include "base/error.hpp"
#include "graph/node.hpp"

namespace slipway::ops {

class PackedIntegers {
 public:
  PackedIntegers(std::span<const uint8_t> bytes, int bits) : bytes_(bytes), bits_(bits) {}

  uint8_t operator[](int64_t index) const {
    const auto bit = static_cast<size_t>(index) * static_cast<size_t>(bits_);
    return static_cast<uint8_t>(bytes_[bit / 8] >> bit % 8 & ((1u << bits_) - 1));
  }

 private:
  std::span<const uint8_t> bytes_;
  int bits_;
};

// How many bytes hold so many of them.
inline int64_t packed_size(int64_t count, int bits) {
  return count / 8 * bits + (count % 8 * bits + 7) / 8;
}

// What a zero point is where none is given: the middle of the range.
inline double middle(int bits) {
  return static_cast<double>(1 << (bits - 1));
}

// The attribute 'bits'. Throws kInvalidModel when it is none of 2, 4 and 8.
inline int bits_attribute(const Node& node) {
  const int64_t bits = node.int_attribute("bits", 4);
  if (bits != 2 && bits != 4 && bits != 8)
    fail(ErrorCode::kInvalidModel, "attribute 'bits' is {}, but 2, 4 or 8 was expected", bits);
  return static_cast<int>(bits);
}

// The attribute 'block_size'. Throws kInvalidModel when it is no power of two or below 16.
inline int64_t block_size_attribute(const Node& node, int64_t otherwise) {
  const int64_t size = node.int_attribute("block_size", otherwise);
  if (size < 16 || (size & (size - 1)) != 0)
    fail(ErrorCode::kInvalidModel, "attribute 'block_size' is {}, but a power of two from 16 on was expected",
         size);
  return size;
}

}  // namespace slipway::ops
