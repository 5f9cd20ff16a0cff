#include "cli/comparison_text.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace slipway::cli {

using workbench::ComparedValue;
using workbench::Comparison;
using workbench::Deviation;
using workbench::Fault;

namespace {

// "a, b, c, d and 20 more".
std::string joined(const std::vector<std::string>& texts) {
  constexpr size_t kMostNamed = 8;
  const size_t named = texts.size() <= kMostNamed + 1 ? texts.size() : kMostNamed;
  std::string all;
  for (size_t i = 0; i < named; ++i) all += (all.empty() ? "" : ", ") + printable(texts[i]);
  return named == texts.size() ? all : fmt::format("{} and {} more", all, texts.size() - named);
}

std::string nodes_text(const Fault& fault) {
  if (fault.nodes_a.size() == 1 && fault.nodes_a == fault.nodes_b) return printable(fault.nodes_a[0]);
  if (fault.nodes_a.size() == 1 && fault.nodes_b.size() == 1)
    return fmt::format("{} in A, {} in B", printable(fault.nodes_a[0]), printable(fault.nodes_b[0]));
  if (fault.nodes_b.empty()) return joined(fault.nodes_a) + ": only in A";
  if (fault.nodes_a.empty()) return joined(fault.nodes_b) + ": only in B";
  return fmt::format("in A {},\n  in B {}", joined(fault.nodes_a), joined(fault.nodes_b));
}

std::string describe(const Fault& fault, const Comparison& result) {
  const ComparedValue& value = result.values[fault.value];
  const bool one_each = fault.nodes_a.size() == 1 && fault.nodes_b.size() == 1;
  std::string text;
  if (!one_each) {
    std::vector<std::string> from;
    for (const std::string& name : fault.from) from.push_back("'" + name + "'");
    text += fmt::format("  between {} and {}:\n", from.empty() ? "constants" : joined(from), names_of(value));
  }
  text += "  " + nodes_text(fault) + "\n";
  if (one_each) text += "    makes " + names_of(value) + "\n";
  if (!fault.failure.empty()) text += "    fails on A's values: " + printable(fault.failure) + "\n";
  if (value.own && value.own->exceeds) text += "    " + explain(*value.own) + "\n";
  for (const std::string& difference : fault.differences) text += "    " + printable(difference) + "\n";
  return text;
}

}  // namespace

std::string column(const std::optional<Deviation>& deviation) {
  if (!deviation) return "-";
  if (!deviation->form.empty()) return "other form";
  return deviation->largest == 0 ? "0" : fmt::format("{:.1e}", deviation->relative());
}

std::string explain(const Deviation& deviation) {
  if (!deviation.form.empty()) return printable(deviation.form);
  return fmt::format("{:.3g} apart at {}: {} in A, {} in B; the largest value is {:.3g}", deviation.largest,
                     deviation.place, printable(deviation.a), printable(deviation.b), deviation.scale);
}

std::string names_of(const ComparedValue& value) {
  const std::string a = printable(value.a), b = printable(value.b);
  return a == b ? "'" + a + "'" : fmt::format("'{}' ('{}' in B)", a, b);
}

std::string verdict(const Comparison& result) {
  std::string text;
  if (!result.failure.empty()) text += "B as a whole does not run: " + printable(result.failure) + "\n";
  if (!result.faults.empty()) {
    text += result.faults.size() == 1
                ? "differs: one place makes something else of equal inputs\n"
                : fmt::format("differs: {} places make something else of equal inputs; from the first on:\n",
                              result.faults.size());
    for (const Fault& fault : result.faults) text += describe(fault, result);
  } else if (const ComparedValue* first = result.first_difference()) {
    text += fmt::format(
        "differs: first {}, made by {}\n"
        "  No node is to blame, each agrees on equal inputs: rounding adds up on the way, or decides "
        "otherwise "
        "in a choice (ArgMax, TopK, Round).\n",
        names_of(*first), printable(first->node_a));
  } else if (const auto* optimized = result.first_optimized_difference()) {
    const bool of_a = optimized->a && optimized->a->exceeds;
    text += fmt::format(
        "differs: '{}' when {} runs as a whole, although every node agrees: what the engine makes of several "
        "nodes "
        "at once is to blame\n",
        printable(optimized->name), of_a ? "A" : "B");
  } else if (result.failure.empty()) {
    text += fmt::format("agrees: {} tensors\n", result.values.size());
  }
  if (result.draws)
    text += "The models draw random numbers: only what nodes make of equal inputs was compared.\n";
  return text;
}

}  // namespace slipway::cli
