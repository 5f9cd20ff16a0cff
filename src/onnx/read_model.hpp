// Reads .onnx files. Nothing in a file is believed before it has been checked, and nothing is lost: what the
// graph has no place for travels along as bytes (README.md says how). A file that is read is mapped, and its
// weights are views into the mapping for as long as a tensor needs it.
//
//   Model model = read_model("model.onnx");
//
// Errors: kNotFound and kIo from the file system; kInvalidModel, with the way to the node and tensor, for
// what contradicts the format; kUnsupported for what is valid but cannot be represented. Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "graph/model.hpp"

namespace slipway {

// Types may be made of types, at most so many times.
inline constexpr int kMaxTypeNesting = 64;
// A sparse initializer may grow, when it is made dense, to this many bytes and to this many times what the
// file spends on it, whichever is more.
inline constexpr size_t kFreeSparseBytes = size_t{16} << 20;
inline constexpr size_t kMaxSparseExpansion = 200;

// In bytes: sizes, scales and the like, which inference reads, are below.
inline constexpr size_t kAlwaysAligned = size_t{1} << 20;

struct ReadOptions {
  // Without it, external files are not looked at: their tensors have type and dimensions, but `raw()` is
  // nullptr, and where their data lies stays in `Constant::preserved`. Enough to inspect a model, or to write
  // it again beside the same files.
  bool load_external_data = true;
  // Kernels may assume that elements are aligned to their size. Weights that lie otherwise in the file are
  // copied into memory of their own; who only looks at types and shapes saves that for the large ones by
  // saying false.
  bool align_weights = true;
  // Where external data lies when a model comes from memory; models from files know. Empty: it is an error to
  // need some.
  std::filesystem::path external_data_folder = {};
};

// The nodes keep the file's order; whether it is a valid one is `validate`'s question. Names that are defined
// twice or not at all are errors already here.
Model read_model(const std::filesystem::path& path, const ReadOptions& options = {});

// A model that lies in memory. Everything is copied: the bytes may go away afterwards.
Model read_model_bytes(std::span<const std::byte> bytes, const ReadOptions& options = {});

}  // namespace slipway
