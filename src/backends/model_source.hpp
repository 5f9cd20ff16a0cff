// From a file to what backends take.
#pragma once

#include "backends/backend.hpp"

namespace slipway::backends {

// Reads and validates an .onnx file. Throws what reading throws; errors carry the path.
ModelSource open_model(const std::filesystem::path& path);

}  // namespace slipway::backends
