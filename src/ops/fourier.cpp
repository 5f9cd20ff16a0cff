#include "ops/fourier.hpp"

#include <cmath>
#include <numbers>

namespace slipway::ops {
namespace {

size_t smallest_factor(size_t number) {
  for (size_t factor = 2; factor * factor <= number; ++factor)
    if (number % factor == 0) return factor;
  return number;
}

}  // namespace

FourierTransform::FourierTransform(int64_t length) {
  roots_.reserve(static_cast<size_t>(length));
  for (int64_t j = 0; j < length; ++j)
    roots_.push_back(
        std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(length)));
}

void FourierTransform::forward(std::span<const std::complex<double>> in,
                               std::span<std::complex<double>> out) const {
  transform(in.data(), 1, out.data(), roots_.size());
}

void FourierTransform::inverse(std::span<const std::complex<double>> in,
                               std::span<std::complex<double>> out) const {
  std::vector<std::complex<double>> mirrored(in.begin(), in.end());
  for (auto& one : mirrored) one = std::conj(one);
  forward(mirrored, out);
  for (auto& one : out) one = std::conj(one) / static_cast<double>(roots_.size());
}

// Cooley and Tukey (1965): with a prime factor p of the size, p transforms of every p-th element, and then
// size/p transforms of p elements.
void FourierTransform::transform(const std::complex<double>* in, size_t stride, std::complex<double>* out,
                                 size_t size) const {
  if (size == 1) {
    *out = *in;
    return;
  }
  const size_t factor = smallest_factor(size), part = size / factor;
  for (size_t r = 0; r < factor; ++r) transform(in + r * stride, stride * factor, out + r * part, part);
  const size_t step = roots_.size() / size;
  std::vector<std::complex<double>> turned(factor);
  for (size_t k = 0; k < part; ++k) {
    for (size_t r = 0; r < factor; ++r) turned[r] = out[r * part + k];
    for (size_t q = 0; q < factor; ++q) {
      std::complex<double> sum = turned[0];
      for (size_t r = 1; r < factor; ++r) sum += turned[r] * roots_[r * (q * part + k) % size * step];
      out[q * part + k] = sum;
    }
  }
}

}  // namespace slipway::ops
