// The forms that a checkpoint can have. `read_checkpoint` tells them apart.
#pragma once

#include <memory>

#include "base/mapped_file.hpp"
#include "torch/checkpoint.hpp"

namespace slipway::torch {

using SharedFile = std::shared_ptr<const MappedFile>;

// What torch.save writes since PyTorch 1.6: a zip archive of a pickle and the storages.
Checkpoint read_zip_checkpoint(const SharedFile& file);
// What it wrote before: pickles, then the storages.
bool is_legacy_checkpoint(const MappedFile& file);
Checkpoint read_legacy_checkpoint(const SharedFile& file);
// A safetensors file: a length, JSON of that length, data.
bool is_safetensors(const MappedFile& file);
Checkpoint read_safetensors(const SharedFile& file);
// JSON that says which of several safetensors files holds which tensor.
bool is_safetensors_index(const MappedFile& file);
Checkpoint read_sharded_safetensors(const SharedFile& index);

// Bytes of the file as a buffer that keeps it mapped; a copy where elements of `alignment` bytes would not be
// aligned. Throws kIo for a range that is not inside the file.
std::shared_ptr<Buffer> buffer_of(const SharedFile& file, uint64_t offset, uint64_t size, size_t alignment);

}  // namespace slipway::torch
