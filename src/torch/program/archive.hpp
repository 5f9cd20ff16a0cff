// What a file of an exported program holds, whichever version of PyTorch wrote it: the program as JSON, its
// tensors by name, the inputs that it was traced with.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tensor/tensor.hpp"
#include "torch/json.hpp"
#include "torch/shared_archive.hpp"

namespace slipway::torch {

using NamedTensors = std::unordered_map<std::string, Tensor>;

struct ProgramArchive {
  std::string format;  // "PyTorch program (pt2 archive)"
  Json program;        // "ExportedProgram" in PyTorch's torch/_export/serde/schema.py
  // Parameters and persistent buffers; all others that the program brings. Views of the mapped file where
  // alignment allows; those that share a storage share it here.
  NamedTensors weights, constants;
  // Of forward()'s arguments, in the order of the tree's leaves; numbers as scalars, undefined for anything
  // else. Empty where the file has none.
  std::vector<Tensor> examples;
};

// Looks at names in the archive only.
bool is_program_archive(const SharedFile& file);
// Throws kInvalidModel, kInvalidArgument; kUnsupported for archives of several programs or of compiled ones;
// kOutOfMemory.
ProgramArchive read_program_archive(const SharedFile& file);

}  // namespace slipway::torch
