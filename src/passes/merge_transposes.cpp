#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

using Order = std::vector<int64_t>;

// Empty when it is not stated: then it turns all axes round, and how many there are need not be known.
Order order_of(const Node& transpose) {
  return transpose.ints_attribute("perm", {});
}

bool is_unchanged(const Order& order) {
  for (size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<int64_t>(i)) return false;
  return !order.empty();
}

// The order of both, the second on what the first made.
Order after(const Order& first, const Order& second) {
  Order both;
  for (const int64_t axis : second) {
    if (axis < 0 || static_cast<size_t>(axis) >= first.size()) return {};
    both.push_back(first[static_cast<size_t>(axis)]);
  }
  return both;
}

bool merge_with_input(Graph& graph, Node* node) {
  const Node* before = made_by(node->input(0), "Transpose", graph);
  if (!before) return false;
  const Order first = order_of(*before), second = order_of(*node);
  if (first.empty() || first.size() != second.size()) return false;
  Order both = after(first, second);
  if (both.size() != first.size()) return false;
  graph.set_input(node, 0, before->input(0));
  node->set_attribute("perm", std::move(both));
  return true;
}

}  // namespace

bool merge_transposes(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    if (!node->is("Transpose")) continue;
    while (merge_with_input(graph, node)) changed = true;
    if (!is_unchanged(order_of(*node)) || node->output(0)->is_graph_output()) continue;
    graph.replace_uses(node->output(0), node->input(0));
    graph.erase(node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
