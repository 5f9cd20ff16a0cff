// The discrete Fourier transform of one length, in double.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

namespace slipway::ops {

class FourierTransform {
 public:
  // length ≥ 1. Work: length times the sum of its prime factors.
  explicit FourierTransform(int64_t length);

  // out[k] = Σ in[n] e^(-2πi kn / length). Both of the transform's length, apart from each other.
  void forward(std::span<const std::complex<double>> in, std::span<std::complex<double>> out) const;
  // out[n] = Σ in[k] e^(2πi kn / length) / length.
  void inverse(std::span<const std::complex<double>> in, std::span<std::complex<double>> out) const;

 private:
  void transform(const std::complex<double>* in, size_t stride, std::complex<double>* out, size_t size) const;

  std::vector<std::complex<double>> roots_;  // e^(-2πi j / length)
};

}  // namespace slipway::ops
