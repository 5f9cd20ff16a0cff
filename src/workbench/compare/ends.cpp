#include "workbench/compare/ends.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

using Values = std::vector<Value*>;

std::string list(const Values& values) {
  std::string text;
  for (const Value* value : values)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", value->name(), value->type().to_string());
  return text.empty() ? "none" : text;
}

Values required_inputs(const Graph& graph) {
  Values inputs;
  for (Value* input : graph.inputs())
    if (!input->initializer()) inputs.push_back(input);
  return inputs;
}

bool same_element(DataType a, DataType b) {
  return a == b || (is_floating_point(a) && is_floating_point(b));
}

bool may_be_same(const Type& a, const Type& b) {
  if (a.is_none() || b.is_none()) return true;
  if (a.kind() != b.kind() || !same_element(a.element_type(), b.element_type())) return false;
  if (!a.is_tensor() || !a.shape() || !b.shape()) return true;
  return std::equal(
      a.shape()->begin(), a.shape()->end(), b.shape()->begin(), b.shape()->end(),
      [](const Dim& x, const Dim& y) { return !x.is_known() || !y.is_known() || x.value() == y.value(); });
}

const Value* find(const Values& values, const std::string& name) {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const Value* value) { return value->name() == name; });
  return found == values.end() ? nullptr : *found;
}

std::vector<std::pair<const Value*, const Value*>> match(const Values& a, const Values& b, const char* what) {
  if (a.size() != b.size())
    fail(ErrorCode::kInvalidArgument, "the models cannot be compared: A has {} {}{} ({}), B has {} ({})",
         a.size(), what, a.size() == 1 ? "" : "s", list(a), b.size(), list(b));
  const bool same_names =
      std::all_of(a.begin(), a.end(), [&](const Value* one) { return find(b, one->name()); });
  std::vector<std::pair<const Value*, const Value*>> pairs;
  for (size_t i = 0; i < a.size(); ++i) pairs.emplace_back(a[i], same_names ? find(b, a[i]->name()) : b[i]);
  return pairs;
}

}  // namespace

Ends match_ends(const Graph& a, const Graph& b) {
  Ends ends{match(required_inputs(a), required_inputs(b), "input"),
            match(a.outputs(), b.outputs(), "output")};
  for (const auto& [of_a, of_b] : ends.inputs)
    if (!may_be_same(of_a->type(), of_b->type()))
      fail(ErrorCode::kInvalidArgument,
           "the models cannot be compared: input '{}' of A is {}, input '{}' of B is {}", of_a->name(),
           of_a->type().to_string(), of_b->name(), of_b->type().to_string());
  return ends;
}

}  // namespace slipway::workbench
