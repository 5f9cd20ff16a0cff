// The longest common subsequence of two sequences.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace slipway::workbench {

// Beyond so many pairs of elements, nothing is aligned: time and memory go with their number.
inline constexpr size_t kMostAligned = 25'000'000;

// Pairs of indices of equal elements, both increasing; as many as there can be.
std::vector<std::pair<size_t, size_t>> align(const std::vector<std::string>& a,
                                             const std::vector<std::string>& b);

}  // namespace slipway::workbench
