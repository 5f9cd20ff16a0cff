#pragma once

#include <cstdint>

namespace slipway::engine {

// How many of b cover a, and the multiple of b that they are; a ≥ 0, b > 0.
constexpr int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}
constexpr int64_t round_up(int64_t a, int64_t b) {
  return ceil_div(a, b) * b;
}

}  // namespace slipway::engine
