// The rotation of a head's elements that rotary embeddings are made of.
#pragma once

#include <cstdint>

namespace slipway::ops {

// Turns `half` pairs, each by an angle of its own. Partners lie side by side, or `half` apart.
struct Rotation {
  const double* cosines;
  const double* sines;
  int64_t half;
  bool interleaved;

  void turn(double* elements) const {
    const int64_t partner = interleaved ? 1 : half, step = interleaved ? 2 : 1;
    for (int64_t i = 0; i < half; ++i, elements += step) {
      const double real = elements[0], imaginary = elements[partner];
      elements[0] = cosines[i] * real - sines[i] * imaginary;
      elements[partner] = sines[i] * real + cosines[i] * imaginary;
    }
  }
};

}  // namespace slipway::ops
