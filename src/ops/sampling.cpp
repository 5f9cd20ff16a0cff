#include "ops/sampling.hpp"

#include <cmath>

#include "base/error.hpp"

namespace slipway::ops {

namespace {

constexpr size_t kMostSampledAxes = 5;

}  // namespace

void check_sampled_axes(size_t axes) {
  if (axes > kMostSampledAxes)
    fail(ErrorCode::kUnsupported, "values between elements along {} axes were asked for, but {} are the most",
         axes, kMostSampledAxes);
}

Taps linear_taps(double position, int64_t size) {
  // Written so that NaN is outside too.
  if (!(position > -1 && position < static_cast<double>(size))) return {};
  const double low = std::floor(position), share = position - low;
  const auto place = static_cast<int64_t>(low);
  return {{place, 1 - share}, {place + 1 < size ? place + 1 : -1, share}};
}

}  // namespace slipway::ops
