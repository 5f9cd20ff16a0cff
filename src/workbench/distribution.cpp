#include "workbench/distribution.hpp"

#include <algorithm>
#include <cmath>

namespace slipway::workbench {
namespace {

constexpr double kSigmas = 5;
// A normally distributed number is further than five deviations from its mean with this probability.
constexpr double kProbability = 5.733e-7;

}  // namespace

bool plausible_count(int64_t count, double probability, int64_t draws) {
  const double mean = probability * static_cast<double>(draws);
  const double deviation = std::sqrt(mean * (1 - probability));
  // What never happens and what always does leave no room.
  const double rare = deviation > 0 ? kSigmas : 0;
  return std::abs(static_cast<double>(count) - mean) <= kSigmas * deviation + rare + 1e-9 * mean;
}

double largest_gap(std::vector<double> numbers, const std::function<double(double)>& cumulative) {
  std::sort(numbers.begin(), numbers.end());
  const auto count = static_cast<double>(numbers.size());
  double largest = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const double share = cumulative(numbers[i]);
    largest = std::max(
        {largest, share - static_cast<double>(i) / count, static_cast<double>(i + 1) / count - share});
  }
  return largest;
}

// Kolmogorov's distribution far out: P(gap > c / √n) → 2 e^(-2c²).
double plausible_gap(size_t count) {
  return std::sqrt(-std::log(kProbability / 2) / 2 / static_cast<double>(count));
}

}  // namespace slipway::workbench
