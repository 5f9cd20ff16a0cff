// What a file of an exported program holds: the program as JSON, and its tensors by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensor/tensor.hpp"
#include "torch/checkpoint_forms.hpp"

namespace slipway::torch {

struct ProgramArchive {
  std::string format;            // "PyTorch program, archive version 0"
  std::shared_ptr<Buffer> json;  // of the program
  // Parameters and persistent buffers; all others that the program brings. Views of the mapped file where
  // alignment allows; those that share a storage share it here.
  std::unordered_map<std::string, Tensor> weights, constants;

  std::string_view text() const { return {static_cast<const char*>(json->data()), json->size()}; }
};

// Looks at names in the archive only.
bool is_program_archive(const SharedFile& file);
// Throws kInvalidModel; kUnsupported for archives of several programs or of compiled ones; kOutOfMemory.
ProgramArchive read_program_archive(const SharedFile& file);

}  // namespace slipway::torch
