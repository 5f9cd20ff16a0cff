// The discrete Fourier transform of any length as a convolution, by Bluestein's algorithm (1970), in double.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "ops/fourier.hpp"

namespace slipway::ops {

class ChirpTransform {
 public:
  // length ≥ 1. Memory: up to four times 64 bytes a number.
  explicit ChirpTransform(size_t length);
  // In place; `line` is of the transform's length. Thread-safe.
  void forward(std::span<std::complex<double>> line) const;

 private:
  CountedVector<std::complex<double>> chirp_;   // e^(-πi k² / length)
  FourierTransform<double> convolution_;        // of a power of two that holds twice the length
  CountedVector<std::complex<double>> filter_;  // the conjugate chirp to both sides, transformed
};

}  // namespace slipway::ops
