#include <algorithm>

#include "passes/passes.hpp"

namespace slipway::passes {

bool eliminate_dead_nodes(Graph& graph, PassContext&) {
  bool changed = false;
  // From the last to the first, so that a whole chain goes in one walk.
  for (Node *node = graph.last_node(), *previous = nullptr; node; node = previous) {
    previous = node->previous();
    const auto is_dead = [](const Value* output) { return !output || output->is_unused(); };
    if (!std::all_of(node->outputs().begin(), node->outputs().end(), is_dead)) continue;
    graph.erase(node);
    changed = true;
  }
  for (Value* constant : graph.initializers()) {
    if (!constant->is_unused() || constant->is_graph_input()) continue;
    graph.erase(constant);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
