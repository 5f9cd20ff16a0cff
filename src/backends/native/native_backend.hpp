// Slipway's own engine as a backend.
#pragma once

#include "backends/backend.hpp"

namespace slipway::backends {

const Backend& native_backend();

}  // namespace slipway::backends
