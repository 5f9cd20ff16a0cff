#include "passes/passes.hpp"

namespace slipway::passes {
namespace {

bool is_inference_dropout(const Node& node) {
  if (!node.is("Dropout") || (node.output(1) && !node.output(1)->is_unused())) return false;
  const Value* training = node.input(2);
  if (!training) return true;
  const Tensor* value = training->constant();
  return value && value->type() == DataType::kBool && value->count() == 1 && !value->data<bool>()[0];
}

}  // namespace

bool eliminate_identity(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    if (!node->is("Identity") && !is_inference_dropout(*node)) continue;
    Value *input = node->input(0), *output = node->output(0);
    // A model's outputs keep their names.
    if (!input || !output || output->is_graph_output()) continue;
    graph.replace_uses(output, input);
    graph.erase(node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
