#include <algorithm>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

constexpr std::string_view kViews[] = {"Reshape", "Squeeze", "Unsqueeze", "Flatten"};

Node* view_that_makes(const Value* value, const Graph& graph) {
  for (const std::string_view view : kViews)
    if (Node* node = made_by(value, view, graph)) return node;
  return nullptr;
}

// As Reshape takes it, with -1 for one size that is no number; nothing where that does not say it.
std::optional<std::vector<int64_t>> as_numbers(const Shape& shape) {
  std::vector<int64_t> numbers;
  for (const Dim& dim : shape) numbers.push_back(dim.is_known() ? dim.value() : -1);
  // 0 would copy a size of the input, and -1 is not told beside it.
  if (std::find(numbers.begin(), numbers.end(), 0) != numbers.end()) return std::nullopt;
  if (std::count(numbers.begin(), numbers.end(), -1) > 1) return std::nullopt;
  return numbers;
}

// What stands before all views that lead to the node.
Value* origin_of(const Node& node, const Graph& graph) {
  Value* origin = node.input(0);
  while (const Node* before = view_that_makes(origin, graph)) origin = before->input(0);
  return origin;
}

bool is_view(const Node& node) {
  return std::any_of(std::begin(kViews), std::end(kViews),
                     [&](std::string_view view) { return node.is(view); });
}

bool merge(Graph& graph, Node* node, const ops::InferredTypes& types) {
  Value* origin = node->is("Expand") ? node->input(0) : origin_of(*node, graph);
  Value* output = node->output(0);
  const Shape *from = shape_of(types, origin), *to = shape_of(types, output);
  if (!to) return false;
  if (from && *from == *to && !output->is_graph_output()) {
    graph.replace_uses(output, origin);
    graph.erase(node);
    return true;
  }
  if (origin == node->input(0)) return false;
  const auto numbers = as_numbers(*to);
  if (!numbers) return false;
  replace_node(graph, node, "Reshape", {origin, add_ints(graph, output->name() + ".shape", *numbers)});
  return true;
}

}  // namespace

bool merge_views(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    if (is_view(*node) || node->is("Expand")) changed |= merge(graph, node, types);
  }
  return changed;
}

}  // namespace slipway::passes
