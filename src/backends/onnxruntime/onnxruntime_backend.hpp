// ONNX Runtime as a backend.
#pragma once

#include "backends/backend.hpp"

namespace slipway::backends {

const Backend& onnxruntime_backend();

}  // namespace slipway::backends
