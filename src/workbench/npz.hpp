// Named tensors as NumPy's .npz: a zip archive of .npy files, stored or deflated.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.hpp"

namespace slipway::workbench {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

inline constexpr uint64_t kMaxNpzEntries = 65536;

// In the archive's order. Throws kInvalidArgument for a damaged archive, entries that are no .npy, the same
// name twice and sizes that are not the data's; kOutOfMemory beyond the limits of base/zip_archive.hpp;
// errors carry the path and the entry.
NamedTensors read_npz(const std::filesystem::path& path);

// Stored, not compressed, as numpy.savez does; element types as npy.hpp tells. Names are any text without
// NUL; the same name twice throws kInvalidArgument. Written whole or not at all; the same tensors make the
// same bytes.
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors);

}  // namespace slipway::workbench
