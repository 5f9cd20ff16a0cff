#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();
constexpr int kDeepest = 32;

template <typename T, typename Holds>
bool all(const Tensor& tensor, Holds holds) {
  const auto elements = tensor.data<T>();
  return std::all_of(elements.begin(), elements.end(), [&](T element) { return holds(double{element}); });
}

template <typename Holds>
bool all_elements(const Tensor& tensor, Holds holds) {
  if (tensor.type() == DataType::kFloat) return all<float>(tensor, holds);
  return tensor.type() == DataType::kDouble && all<double>(tensor, holds);
}

template <typename Holds>
bool all_of(const Value* value, Holds holds) {
  const Tensor* constant = value ? value->constant() : nullptr;
  return constant && all_elements(*constant, holds);
}

bool is_finite(double element) {
  return std::isfinite(element);
}

// Products of weights and activations, and what only moves, scales or adds such: minus infinity stands there
// only where they overflow, never because somebody wrote it.
class UnmaskedValues {
 public:
  explicit UnmaskedValues(const Graph& graph) : graph_(graph) {}

  // Answers are kept: a sum of a value with itself, of such sums again, asks for it 2^n times.
  bool contain(const Value* value, int depth = 0) {
    if (!value || depth > kDeepest) return false;
    if (const auto known = known_.find(value); known != known_.end()) return known->second;
    return known_[value] = look_at(*value, depth);
  }

 private:
  bool look_at(const Value& value, int depth) {
    if (value.constant()) return all_of(&value, is_finite);
    const Node* node = value.producer();
    if (!node || &node->graph() != &graph_) return false;
    const auto input = [&](size_t place) { return contain(node->input(place), depth + 1); };
    for (const std::string_view made : {"MatMul", "Gemm", "Conv", "Sigmoid"})
      if (node->is(made)) return true;
    for (const std::string_view moved : {"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Gather", "Slice"})
      if (node->is(moved)) return input(0);
    for (const std::string_view combined : {"Add", "Sub", "Mul"})
      if (node->is(combined)) return input(0) && input(1);
    return node->is("Div") && input(0) &&
           all_of(node->input(1), [](double element) { return is_finite(element) && element != 0; });
  }

  const Graph& graph_;
  std::unordered_map<const Value*, bool> known_;
};

bool is_zero(double element) {
  return element == 0;
}

bool is_all_zero(const Value* value, const Graph& graph) {
  const Node* filled = made_by(value, "ConstantOfShape", graph);
  if (!filled) return all_of(value, is_zero);
  const Attribute* element = filled->find_attribute("value");
  const Constant* constant = element ? element->as<Constant>() : nullptr;
  return !element || (constant && all_elements(constant->tensor, is_zero));
}

// "All of a row is masked", as the decomposed _safe_softmax says it, or as it is converted itself.
bool asks_for_masked_rows(const Value* condition, const Value* scores, const Graph& graph) {
  if (const Node* equal = made_by(condition, "Equal", graph)) {
    const Node* largest = made_by(equal->input(0), "ReduceMax", graph);
    return largest && largest->input(0) == scores && constant_number(equal->input(1)) == kMasked;
  }
  const Node* none = made_by(condition, "Not", graph);
  const Node* any = none ? made_by(none->input(0), "ReduceMax", graph) : nullptr;
  const Node* seen = any ? made_by(any->input(0), "Not", graph) : nullptr;
  const Node* masked = seen ? made_by(seen->input(0), "Equal", graph) : nullptr;
  return masked && masked->input(0) == scores && constant_number(masked->input(1)) == kMasked;
}

}  // namespace

bool drop_softmax_guards(Graph& graph, PassContext&) {
  bool changed = false;
  UnmaskedValues unmasked(graph);
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    if (!node->is("Where") || node->output(0)->is_graph_output()) continue;
    const Node* softmax = made_by(node->input(2), "Softmax", graph);
    if (!softmax || !is_all_zero(node->input(1), graph)) continue;
    const Value* scores = softmax->input(0);
    if (!asks_for_masked_rows(node->input(0), scores, graph) || !unmasked.contain(scores)) continue;
    graph.replace_uses(node->output(0), node->input(2));
    graph.erase(node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
