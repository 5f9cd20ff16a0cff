// Elements below 8 bits for kernels that work on bytes: blocks of them are spread to bytes, or put back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernel.hpp"
#include "tensor/packed.hpp"

namespace slipway::engine {

inline constexpr int64_t kUnpackedBlock = 1024;

// u8 or i8 for integers that are packed; other types are what they are.
DataType unpacked_type(DataType type);

// Elements [first, first + count) of `in`, or to `out`; integers alone. When they are put back, `first` must
// begin a byte, and their last byte must have no elements after them that are to stay.
void unpack_elements(DataType type, const std::byte* in, int64_t first, int64_t count, std::byte* to);
void pack_elements(DataType type, const std::byte* from, std::byte* out, int64_t first, int64_t count);
Tensor unpacked(const Tensor& packed);

inline const std::byte* bytes_of(const Tensor& tensor) {
  return static_cast<const std::byte*>(tensor.raw());
}

// The zero points of a QuantizeLinear or DequantizeLinear are those of its scales and, where they are packed,
// constant.
bool zero_points_fit(const KernelRequest& request);

}  // namespace slipway::engine
