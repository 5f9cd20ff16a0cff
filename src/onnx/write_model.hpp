// Writes .onnx files, for any tool to read. A file is written whole or not at all, and what the reader could
// not use is written back as it was. Weights go to the file from where they are: there is no second copy of
// them in memory.
//
//   write_model(model, "out.onnx");
//   write_model(model, "out.onnx", {.external_data_file = "weights.bin"});
//
// Errors: kIo from the file system; kUnsupported for what the format has no room for; kInvalidArgument for a
// data file outside the model's folder. Thread-safe, as long as nobody writes the same path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "graph/model.hpp"

namespace slipway {

// Protobuf's limit for a message. Larger models have to keep weights in an external file.
inline constexpr uint64_t kMaxModelFileBytes = (uint64_t{1} << 31) - 1;

struct WriteOptions {
  // Name (without folder) of a file beside the model for its large tensors. Empty: everything stands in the
  // .onnx file, unless that would be too large; then it is "<model's file name>.data".
  // An existing file is never overwritten, so that a model and its data are always of one piece whatever
  // happens meanwhile: a name that is taken gets a number ("weights.bin.1"). Once the model is in place, the
  // data file of the model that it has replaced is removed if it is called "<model's file name>.data" (or
  // that with a number): data files of other names may belong to other models as well.
  std::string external_data_file = {};
  // Tensors of fewer bytes stay in the .onnx file.
  size_t external_threshold = 1024;
  // Tensors that were read from external files stay there, by the location that was read. Right only for a
  // model that is written into the folder that it was read from. (Tensors that were never loaded always do.)
  bool keep_external_data = false;
};

void write_model(const Model& model, const std::filesystem::path& path, const WriteOptions& options = {});

// Is there room for the model, weights included, in one message?
bool fits_one_file(const Model& model);

// The model as the bytes of a file. Throws kUnsupported beyond kMaxModelFileBytes.
std::string write_model_bytes(const Model& model);

}  // namespace slipway
