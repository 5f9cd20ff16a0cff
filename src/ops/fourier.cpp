#include "ops/fourier.hpp"

#include <algorithm>
#include <array>

#include "base/work_scope.hpp"
#include "ops/chirp_transform.hpp"
#include "ops/unit_root.hpp"

namespace slipway::ops {
namespace {

// Beyond it a butterfly, which takes the square of its radix, costs more than a chirp.
constexpr size_t kLargestRadix = 31;

constexpr double kOperationsPerRoot = 16;  // a sine and a cosine

// Radices of the passes in order, empty when a prime factor is too large for one. Fours halve the passes of
// twos.
std::vector<size_t> radices_of(size_t length) {
  size_t twos = 0;
  for (; length % 2 == 0; length /= 2) ++twos;
  std::vector<size_t> radices(twos % 2, 2);
  radices.resize(radices.size() + twos / 2, 4);
  for (size_t factor = 3; factor <= kLargestRadix; factor += 2)
    for (; length % factor == 0; length /= factor) radices.push_back(factor);
  return length == 1 ? radices : std::vector<size_t>();
}

// (a + ib)(c + id), without the standard's care for infinities, which takes longer than the product.
template <typename Real>
std::complex<Real> product(std::complex<Real> a, std::complex<Real> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// a / i
template <typename Real>
std::complex<Real> turned_back(std::complex<Real> a) {
  return {a.imag(), -a.real()};
}

// Transforms of `radix` numbers in place.
template <typename Real>
struct Butterfly {
  using Complex = std::complex<Real>;

  static void of_2(Complex* a) {
    const Complex sum = a[0] + a[1];
    a[1] = a[0] - a[1];
    a[0] = sum;
  }
  static void of_4(Complex* a) {
    const Complex even = a[0] + a[2], even_difference = a[0] - a[2];
    const Complex odd = a[1] + a[3], odd_difference = turned_back(a[1] - a[3]);
    a[0] = even + odd;
    a[1] = even_difference + odd_difference;
    a[2] = even - odd;
    a[3] = even_difference - odd_difference;
  }
  // The numbers j and radix - j have conjugate roots: with their sums and differences half of the products
  // are left.
  static void of_odd(Complex* a, size_t radix, const Complex* roots) {
    std::array<Complex, kLargestRadix> sums, differences;
    const Complex first = a[0];
    for (size_t j = 1; 2 * j < radix; ++j) {
      sums[j] = a[j] + a[radix - j];
      differences[j] = a[j] - a[radix - j];
      a[0] += sums[j];
    }
    for (size_t q = 1; 2 * q < radix; ++q) {
      Complex even = first, odd{};
      for (size_t j = 1; 2 * j < radix; ++j) {
        const Complex root = roots[q * j % radix];
        even += root.real() * sums[j];
        odd += root.imag() * differences[j];
      }
      const Complex turned(-odd.imag(), odd.real());
      a[q] = even + turned;
      a[radix - q] = even - turned;
    }
  }
};

// One pass of Stockham's form of the Cooley-Tukey algorithm, which sorts as it goes (Cochran and others,
// 1967): `done` is the product of the radices of the passes before.
template <typename Real>
void run_pass(const std::complex<Real>* in, std::complex<Real>* out, size_t radix, size_t done,
              const CountedVector<std::complex<Real>>& roots) {
  using Complex = std::complex<Real>;
  const size_t length = roots.size(), rest = length / (done * radix);
  std::array<Complex, kLargestRadix> own_roots, numbers;
  for (size_t j = 0; j < radix; ++j) own_roots[j] = roots[j * (length / radix)];
  for (size_t k = 0; k < done; ++k)
    for (size_t i = 0; i < rest; ++i) {
      for (size_t j = 0; j < radix; ++j) numbers[j] = in[i + rest * (j + radix * k)];
      if (radix == 2)
        Butterfly<Real>::of_2(numbers.data());
      else if (radix == 4)
        Butterfly<Real>::of_4(numbers.data());
      else
        Butterfly<Real>::of_odd(numbers.data(), radix, own_roots.data());
      out[i + rest * k] = numbers[0];
      for (size_t j = 1; j < radix; ++j)
        out[i + rest * (k + done * j)] = i == 0 ? numbers[j] : product(numbers[j], roots[j * i * done]);
    }
}

}  // namespace

template <typename Real>
FourierTransform<Real>::FourierTransform(int64_t length)
    : length_(static_cast<size_t>(length)), radices_(radices_of(length_)) {
  if (radices_.empty() && length_ > 1) {
    chirp_ = std::make_unique<ChirpTransform>(length_);
    return;
  }
  WorkScope::spend(kOperationsPerRoot * static_cast<double>(length_));
  roots_.reserve(length_);
  for (size_t j = 0; j < length_; ++j) roots_.push_back(Complex(unit_root(j, length_)));
}

template <typename Real>
FourierTransform<Real>::~FourierTransform() = default;

template <typename Real>
void FourierTransform<Real>::forward(std::span<Complex> line, std::span<Complex> scratch) const {
  if (chirp_) {
    CountedVector<std::complex<double>> wide(line.begin(), line.end());
    chirp_->forward(wide);
    std::transform(wide.begin(), wide.end(), line.begin(), [](auto number) { return Complex(number); });
    return;
  }
  std::span<Complex> from = line, to = scratch;
  size_t done = 1;
  for (const size_t radix : radices_) {
    WorkScope::spend(static_cast<double>(radix) * static_cast<double>(length_));
    run_pass(from.data(), to.data(), radix, done, roots_);
    done *= radix;
    std::swap(from, to);
  }
  if (from.data() != line.data()) std::copy(from.begin(), from.end(), line.begin());
}

template <typename Real>
void FourierTransform<Real>::inverse(std::span<Complex> line, std::span<Complex> scratch) const {
  for (Complex& one : line) one = std::conj(one);
  forward(line, scratch);
  const Real scale = Real(1) / static_cast<Real>(length_);
  for (Complex& one : line) one = std::conj(one) * scale;
}

template class FourierTransform<float>;
template class FourierTransform<double>;

}  // namespace slipway::ops
