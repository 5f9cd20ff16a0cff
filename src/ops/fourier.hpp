// The discrete Fourier transform of one length, in the precision of its numbers.
//
//   const FourierTransform<float> transform(length);
//   CountedVector<std::complex<float>> line(length), scratch(length);
//   transform.forward(line, scratch);
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/counted_allocator.hpp"

namespace slipway::ops {

class ChirpTransform;

// Work: length times the sum of the prime factors of a length that has small ones, length times its logarithm
// otherwise. Real is float or double. Thread-safe once it is made.
template <typename Real>
class FourierTransform {
 public:
  using Complex = std::complex<Real>;
  // length ≥ 1.
  explicit FourierTransform(int64_t length);
  ~FourierTransform();

  // line[k] = Σ line[n] e^(-2πi kn / length), in place. Both spans are of the transform's length.
  void forward(std::span<Complex> line, std::span<Complex> scratch) const;
  // line[n] = Σ line[k] e^(2πi kn / length) / length.
  void inverse(std::span<Complex> line, std::span<Complex> scratch) const;

 private:
  size_t length_;
  std::vector<size_t> radices_;            // their product is the length; none for a chirp
  CountedVector<Complex> roots_;           // e^(-2πi j / length)
  std::unique_ptr<ChirpTransform> chirp_;  // for lengths with a large prime factor
};

}  // namespace slipway::ops
