// The table of targets.txt.
#include <algorithm>
#include <unordered_map>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {
namespace {

struct Entry {
  std::string_view target;
  Rule rule;
};

}  // namespace

#include "torch/aten_table.inc"

Rule find_rule(std::string_view target) {
  static const auto table = [] {
    std::unordered_map<std::string_view, Rule> rules;
    for (const Entry& entry : kEntries) rules.emplace(entry.target, entry.rule);
    return rules;
  }();
  if (const auto exact = table.find(target); exact != table.end()) return exact->second;
  const auto all_overloads = table.find(target.substr(0, target.rfind('.')));
  return all_overloads == table.end() ? nullptr : all_overloads->second;
}

}  // namespace slipway::torch::aten
