#include "ops/chirp_transform.hpp"

#include <bit>

#include "base/work_scope.hpp"
#include "ops/unit_root.hpp"

namespace slipway::ops {
namespace {

using Complex = std::complex<double>;

CountedVector<Complex> chirp_of(size_t length) {
  CountedVector<Complex> chirp;
  chirp.reserve(length);
  size_t square = 0;  // k² modulo 2 length
  for (size_t k = 0; k < length; ++k) {
    chirp.push_back(unit_root(square, 2 * length));
    square = (square + 2 * k + 1) % (2 * length);
  }
  return chirp;
}

}  // namespace

// kn = (k² + n² - (k - n)²) / 2: what is left of the sum over n is a convolution with the conjugate chirp.
ChirpTransform::ChirpTransform(size_t length)
    : chirp_(chirp_of(length)),
      convolution_(static_cast<int64_t>(std::bit_ceil(2 * length - 1))),
      filter_(std::bit_ceil(2 * length - 1)) {
  filter_[0] = std::conj(chirp_[0]);
  for (size_t k = 1; k < length; ++k) filter_[k] = filter_[filter_.size() - k] = std::conj(chirp_[k]);
  CountedVector<Complex> scratch(filter_.size());
  convolution_.forward(filter_, scratch);
}

void ChirpTransform::forward(std::span<Complex> line) const {
  CountedVector<Complex> numbers(filter_.size()), scratch(filter_.size());
  for (size_t k = 0; k < line.size(); ++k) numbers[k] = line[k] * chirp_[k];
  convolution_.forward(numbers, scratch);
  for (size_t k = 0; k < numbers.size(); ++k) numbers[k] *= filter_[k];
  convolution_.inverse(numbers, scratch);
  for (size_t k = 0; k < line.size(); ++k) line[k] = numbers[k] * chirp_[k];
}

}  // namespace slipway::ops
