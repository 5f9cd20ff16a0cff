// How a model is to be loaded, from a structure that an older or a newer program may have filled.
#pragma once

#include <string>

#include "backends/backend.hpp"
#include "slipway/slipway.h"

namespace slipway::api {

struct ModelOptions {
  std::string backend = "native";
  backends::CompileOptions compile;
};

// `options` may be NULL. Throws kInvalidArgument for values out of range, kUnsupported for fields that this
// version does not know and that are not zero, and what custom::load_operators throws.
ModelOptions read_options(const slipway_model_options* options);

}  // namespace slipway::api
