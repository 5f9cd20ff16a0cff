#include "workbench/compare/align.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace slipway::workbench {
namespace {

std::vector<uint32_t> numbers_of(const std::vector<std::string>& texts,
                                 std::unordered_map<std::string, uint32_t>& known) {
  std::vector<uint32_t> numbers;
  for (const std::string& text : texts)
    numbers.push_back(known.emplace(text, static_cast<uint32_t>(known.size())).first->second);
  return numbers;
}

}  // namespace

std::vector<std::pair<size_t, size_t>> align(const std::vector<std::string>& a,
                                             const std::vector<std::string>& b) {
  if (a.empty() || b.empty() || a.size() > kMostAligned / b.size()) return {};
  std::unordered_map<std::string, uint32_t> known;
  const auto of_a = numbers_of(a, known), of_b = numbers_of(b, known);
  // longest[i][j]: of what begins at i and at j.
  const size_t width = b.size() + 1;
  std::vector<uint32_t> longest((a.size() + 1) * width, 0);
  for (size_t i = a.size(); i-- > 0;)
    for (size_t j = b.size(); j-- > 0;)
      longest[i * width + j] = of_a[i] == of_b[j]
                                   ? longest[(i + 1) * width + j + 1] + 1
                                   : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (of_a[i] == of_b[j]) {
      pairs.emplace_back(i++, j++);
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

}  // namespace slipway::workbench
