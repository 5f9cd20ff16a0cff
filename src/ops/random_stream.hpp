// Random numbers that follow from a seed alone: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998),
// read as NumPy's RandomState reads it, so that its sequences are the same numbers.
#pragma once

#include <optional>
#include <random>

#include "graph/node.hpp"

namespace slipway::ops {

class RandomStream {
 public:
  explicit RandomStream(uint32_t seed) : generator_(seed) {}
  // By the node's float attribute 'seed'; without one, by a seed that is new each time. Throws kInvalidModel
  // for seeds that are no number from 0 to below 2^32.
  static RandomStream of(const Node& node);

  // Uniform on [0, 1), with 53 random bits.
  double uniform();
  // Of the normal distribution with mean 0 and variance 1.
  double normal();

 private:
  std::mt19937 generator_;
  std::optional<double> second_normal_;
};

}  // namespace slipway::ops
