#include "ops/random_stream.hpp"

#include <cmath>

#include "base/error.hpp"

namespace slipway::ops {

RandomStream RandomStream::of(const Node& node) {
  if (!node.find_attribute("seed")) return RandomStream(std::random_device()());
  const double seed = node.float_attribute("seed", 0);
  if (!(seed >= 0 && seed < 4294967296.0))
    fail(ErrorCode::kInvalidModel, "the seed is {}, but a number from 0 to below 2^32 was expected", seed);
  return RandomStream(static_cast<uint32_t>(seed));
}

double RandomStream::uniform() {
  const uint64_t high = generator_() >> 5, low = generator_() >> 6;
  return (static_cast<double>(high) * 67108864.0 + static_cast<double>(low)) / 9007199254740992.0;
}

// Marsaglia's polar method (1964): two numbers from one point in the unit circle. RandomState hands out the
// second one first.
double RandomStream::normal() {
  if (second_normal_) {
    const double kept = *second_normal_;
    second_normal_.reset();
    return kept;
  }
  for (;;) {
    const double x = 2 * uniform() - 1, y = 2 * uniform() - 1;
    const double square = x * x + y * y;
    if (square >= 1 || square == 0) continue;
    const double scale = std::sqrt(-2 * std::log(square) / square);
    second_normal_ = x * scale;
    return y * scale;
  }
}

}  // namespace slipway::ops
