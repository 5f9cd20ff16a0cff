// Tensors as NumPy's .npy files. Every element type that NumPy has is stored as it is. What NumPy lacks is
// stored by its bits:
//
//   bf16                        uint16
//   f8…                         uint8
//   i4, i2                      int8, one element a byte
//   u4, u2, f4e2m1 (its code)   uint8, one element a byte
//
// and comes back as those integers; `reinterpret_as` turns them into the type that a model wants. Strings are
// UTF-8 here and fixed-width UTF-32 (U) there; S is read too. Files are row-major and little-endian when
// written, and may be anything that NumPy writes when read.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "tensor/tensor.hpp"

namespace slipway::workbench {

// The tensor in a whole .npy file; where the file's elements lie as a tensor's, it is a view of `file`.
// Throws kInvalidArgument, kUnsupported, kOutOfMemory.
Tensor parse_npy(std::shared_ptr<Buffer> file);

// Hands the bytes of a .npy file to `write`, piece by piece. Throws kInvalidArgument for strings that NumPy
// cannot hold (no UTF-8, or ending with NUL).
using ByteSink = std::function<void(std::span<const std::byte>)>;
void format_npy(const Tensor& tensor, const ByteSink& write);

// The same with files; errors carry the path. Written whole or not at all.
Tensor read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

// The tensor as `type`, if that is stored as the tensor's type by the table above; otherwise the tensor as it
// is. Bits that 4- and 2-bit elements have no room for throw kInvalidArgument.
Tensor reinterpret_as(const Tensor& tensor, DataType type);

}  // namespace slipway::workbench
