#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// The slopes, where the node is Where(x > 0, x, x · slopes) and they are constants.
Value* slopes_of(const Node& node, const Graph& graph) {
  const Value* x = node.is("Where") ? node.input(1) : nullptr;
  const Node* positive = x ? made_by(node.input(0), "Greater", graph) : nullptr;
  if (!positive || positive->input(0) != x || constant_number(positive->input(1)) != 0.0) return nullptr;
  const Node* product = made_for_one(node.input(2), "Mul", graph);
  if (!product) return nullptr;
  for (const size_t place : {0, 1})
    if (product->input(place) == x && product->input(1 - place)->constant()) return product->input(1 - place);
  return nullptr;
}

}  // namespace

bool fuse_prelu(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    Value* slopes = slopes_of(*node, graph);
    if (!slopes) continue;
    // PRelu spreads its slopes over the input, never the input over them.
    const Shape *from = shape_of(types, node->input(1)), *to = shape_of(types, node->output(0));
    if (!from || !to || *from != *to || slopes->constant()->rank() > from->size()) continue;
    replace_node(graph, node, "PRelu", {node->input(1), slopes});
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
