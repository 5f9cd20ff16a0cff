#include "ops/sampling.hpp"

#include <cmath>

namespace slipway::ops {

Taps linear_taps(double position, int64_t size) {
  // Written so that NaN is outside too.
  if (!(position > -1 && position < static_cast<double>(size))) return {};
  const double low = std::floor(position), share = position - low;
  const auto place = static_cast<int64_t>(low);
  return {{place, 1 - share}, {place + 1 < size ? place + 1 : -1, share}};
}

}  // namespace slipway::ops
