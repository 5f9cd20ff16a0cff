// A checkpoint: named tensors, as PyTorch (`.pth`, `.pt`, `.bin`) or safetensors wrote them. The kind of file
// is told by its content, never by its name, and nothing in it is executed.
//
//   const Checkpoint checkpoint = read_checkpoint("model.pth");
//   for (const auto& [name, tensor] : checkpoint.tensors) …
//
// Errors name the file and the entry: kNotFound, kIo; kInvalidModel for what contradicts its format;
// kUnsupported for valid files of kinds that are not read; kOutOfMemory for limits.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.hpp"

namespace slipway::torch {

struct Checkpoint {
  struct Entry {
    std::string name;  // the keys on the way to it, joined by dots: "state_dict.conv1.weight"
    // A view of the mapped file where its alignment allows; with strides that the file states, and memory
    // that it shares with other entries where the file shares it.
    Tensor tensor;
  };
  struct Skipped {
    std::string name;
    std::string what;  // "an object of 'argparse.Namespace'"
  };

  std::string format;           // "PyTorch (zip)", "PyTorch (before 1.6)", "safetensors"
  std::vector<Entry> tensors;   // in the file's order
  std::vector<Skipped> others;  // what is in the file besides tensors
};

// Does the file's content begin like a checkpoint of a kind that read_checkpoint knows? Throws as it does
// where there is no file.
bool is_checkpoint(const std::filesystem::path& path);

// `path` is a checkpoint, or the index (".safetensors.index.json") of one that is cut into several files.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace slipway::torch
