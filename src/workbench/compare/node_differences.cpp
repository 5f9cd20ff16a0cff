#include "workbench/compare/node_differences.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "graph/print.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway::workbench {
namespace {

constexpr int64_t kShownElements = 8;

std::string text_of(const Tensor& tensor) {
  return tensor.describe() + elements_text(tensor, kShownElements);
}

// For people; two attributes of one text may still differ in what is not shown.
struct ContentText {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(float number) const { return fmt::format("{}", number); }
  std::string operator()(int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(const Boxed<Constant>& constant) const { return text_of((*constant).tensor); }
  std::string operator()(const std::unique_ptr<Graph>& graph) const {
    return fmt::format("a graph of {} nodes", graph->node_count());
  }
  std::string operator()(const Boxed<Type>& type) const { return (*type).to_string(); }
  std::string operator()(const std::vector<float>& list) const { return listed(list); }
  std::string operator()(const std::vector<int64_t>& list) const { return listed(list); }
  std::string operator()(const std::vector<std::string>& list) const { return listed(list); }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "of its kind";
  }

 private:
  template <typename T>
  static std::string listed(const std::vector<T>& list) {
    if (list.size() <= 16) return fmt::format("[{}]", fmt::join(list, ","));
    return fmt::format("{} elements", list.size());
  }
};

std::string text_of(const Attribute* attribute) {
  if (!attribute) return "not stated";
  if (attribute->is_reference()) return "@" + attribute->parameter();
  return std::visit(ContentText{}, attribute->content());
}

bool same_content(const Attribute& a, const Attribute& b) {
  if (a.kind() != b.kind() || a.parameter() != b.parameter()) return false;
  if (const auto* tensor = a.as<Constant>()) return identical(tensor->tensor, b.as<Constant>()->tensor);
  if (const auto* graph = a.as<std::unique_ptr<Graph>>())
    return to_text(**graph) == to_text(**b.as<std::unique_ptr<Graph>>());
  if (const auto* list = a.as<std::vector<float>>()) return *list == *b.as<std::vector<float>>();
  if (const auto* list = a.as<std::vector<int64_t>>()) return *list == *b.as<std::vector<int64_t>>();
  if (const auto* list = a.as<std::vector<std::string>>()) return *list == *b.as<std::vector<std::string>>();
  return text_of(&a) == text_of(&b);
}

void compare_attributes(const Node& a, const Node& b, std::vector<std::string>& found) {
  std::set<std::string> names;
  for (const Node* node : {&a, &b})
    for (const Attribute& attribute : node->attributes()) names.insert(attribute.name());
  for (const std::string& name : names) {
    const Attribute *of_a = a.find_attribute(name), *of_b = b.find_attribute(name);
    if (of_a && of_b && same_content(*of_a, *of_b)) continue;
    found.push_back(fmt::format("attribute '{}': {} in A, {} in B", name, text_of(of_a), text_of(of_b)));
  }
}

std::string describe(const Value* value) {
  if (!value) return "absent";
  if (const Tensor* constant = value->initializer())
    return fmt::format("weight '{}' {}", value->name(), text_of(*constant));
  return fmt::format("'{}'", value->name());
}

// "" when they are the same.
std::string weight_difference(const Tensor& a, const Tensor& b) {
  if (a.type() != b.type() || a.dims() != b.dims() || a.type() == DataType::kString || bits_of(a.type()) < 8)
    return identical(a, b) ? "" : "differ";
  const size_t size = static_cast<size_t>(bits_of(a.type())) / 8;
  const auto of_a = a.raw_bytes(), of_b = b.raw_bytes();
  int64_t different = 0;
  for (size_t at = 0; at < of_a.size(); at += size)
    different += !std::equal(of_a.begin() + static_cast<std::ptrdiff_t>(at),
                             of_a.begin() + static_cast<std::ptrdiff_t>(at + size),
                             of_b.begin() + static_cast<std::ptrdiff_t>(at));
  return different == 0 ? "" : fmt::format("differ in {} of {} elements", different, a.count());
}

void compare_inputs(const Node& a, const Node& b, std::vector<std::string>& found) {
  for (size_t i = 0; i < std::max(a.inputs().size(), b.inputs().size()); ++i) {
    const Value *of_a = a.input(i), *of_b = b.input(i);
    const Tensor* weight_a = of_a ? of_a->initializer() : nullptr;
    const Tensor* weight_b = of_b ? of_b->initializer() : nullptr;
    if (weight_a && weight_b) {
      const std::string difference = weight_difference(*weight_a, *weight_b);
      if (!difference.empty())
        found.push_back(fmt::format("input {}: {} and {} {}", i, describe(of_a), describe(of_b), difference));
    } else if (weight_a || weight_b || !of_a != !of_b) {
      found.push_back(fmt::format("input {}: {} in A, {} in B", i, describe(of_a), describe(of_b)));
    }
  }
}

}  // namespace

bool same_operator(const Node& a, const Node& b) {
  return a.op_type() == b.op_type() && canonical_domain(a.domain()) == canonical_domain(b.domain());
}

std::vector<std::string> node_differences(const Node& a, const Node& b) {
  std::vector<std::string> found;
  if (!same_operator(a, b)) {
    found.push_back(fmt::format("operator {} in A, {} in B", a.op_type(), b.op_type()));
    return found;
  }
  compare_attributes(a, b, found);
  compare_inputs(a, b, found);
  return found;
}

}  // namespace slipway::workbench
