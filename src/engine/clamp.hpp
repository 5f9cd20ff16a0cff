// Bounds of an activation (Relu, Clip, Relu6) that is fused into the kernel before it.
#pragma once

#include <limits>

namespace slipway::engine {

struct Clamp {
  float lower = -std::numeric_limits<float>::infinity();
  float upper = std::numeric_limits<float>::infinity();
  bool is_open() const {
    return lower == -std::numeric_limits<float>::infinity() &&
           upper == std::numeric_limits<float>::infinity();
  }
};

}  // namespace slipway::engine
