// Bytes that kernels read of either sign.
#pragma once

#include <cstdint>

#include "tensor/tensor.hpp"

namespace slipway::engine {

inline bool is_byte(DataType type) {
  return type == DataType::kUint8 || type == DataType::kInt8;
}

inline int32_t byte_at(const Tensor& tensor, int64_t index) {
  const auto* bytes = static_cast<const uint8_t*>(tensor.raw());
  return tensor.type() == DataType::kInt8 ? static_cast<int8_t>(bytes[index]) : bytes[index];
}

// Bytes become unsigned, or signed, by flipping their highest bit where they are not: the mask for that, and
// by how much it moves numbers and their zero point.
struct SignChange {
  uint8_t flip = 0;
  int32_t shift = 0;

  SignChange() = default;
  SignChange(DataType from, DataType to) {
    if (from != to) flip = 0x80, shift = to == DataType::kUint8 ? 128 : -128;
  }
};

}  // namespace slipway::engine
