// Do numbers follow the distribution that they should? The bounds are five standard deviations: a right
// generator exceeds one in two million looks.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace slipway::workbench {

// May something of this probability happen `count` times in `draws` independent draws? For rare events the
// bound has a few more, since their numbers are not normally distributed.
bool plausible_count(int64_t count, double probability, int64_t draws);

// The largest distance between the share of numbers up to x and cumulative(x), over all x (Kolmogorov, 1933).
// `cumulative` is continuous; at least one number.
double largest_gap(std::vector<double> numbers, const std::function<double(double)>& cumulative);
// What it may be for so many numbers.
double plausible_gap(size_t count);

}  // namespace slipway::workbench
