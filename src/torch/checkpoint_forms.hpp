// The forms that a checkpoint can have. `read_checkpoint` tells them apart.
#pragma once

#include "torch/checkpoint.hpp"
#include "torch/shared_archive.hpp"

namespace slipway::torch {

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

}  // namespace slipway::torch
