#include "passes/passes.hpp"

namespace slipway::passes {

bool drop_empty_inputs(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node* node = graph.first_node(); node; node = node->next()) {
    if (!node->is("Resize")) continue;
    for (size_t i = 1; i < node->inputs().size(); ++i) {
      const Tensor* constant = node->input(i) ? node->input(i)->constant() : nullptr;
      if (!constant || !constant->empty()) continue;
      graph.set_input(node, i, nullptr);
      changed = true;
    }
  }
  return changed;
}

}  // namespace slipway::passes
