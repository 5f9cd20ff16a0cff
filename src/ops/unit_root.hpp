// Roots of unity, to the last bits of double.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace slipway::ops {

// e^(-2πi j / length) for j < length. The angle is brought below an eighth of a turn in integers, so that
// nothing of it is lost and that roots which mirror each other do so exactly.
inline std::complex<double> unit_root(size_t j, size_t length) {
  const auto eighths = static_cast<int64_t>(8 * j), quarter = static_cast<int64_t>(2 * length);
  const int64_t quarters = (eighths + quarter / 2) / quarter;  // the nearest multiple of a quarter turn
  const double angle =
      static_cast<double>(eighths - quarters * quarter) * std::numbers::pi / static_cast<double>(2 * quarter);
  const double cosine = std::cos(angle), sine = -std::sin(angle);
  switch (quarters % 4) {
    case 0:
      return {cosine, sine};
    case 1:
      return {sine, -cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {-sine, cosine};
  }
}

}  // namespace slipway::ops
