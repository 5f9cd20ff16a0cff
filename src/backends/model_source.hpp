// From a file to a model, and to what backends take.
#pragma once

#include "backends/backend.hpp"
#include "onnx/read_model.hpp"

namespace slipway::backends {

// Reads a model file of any format that there is a reader for: the one place that commands and the C API read
// models by. Whether the model is valid is not asked here. Throws what reading throws.
slipway::Model read_model_file(const std::filesystem::path& path, const ReadOptions& options = {});

// Reads and validates a model file. Throws what reading throws; errors carry the path.
ModelSource open_model(const std::filesystem::path& path);

}  // namespace slipway::backends
