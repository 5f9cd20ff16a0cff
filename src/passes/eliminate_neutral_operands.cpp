#include <algorithm>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

bool is_all(const Tensor& tensor, float number) {
  return tensor.type() == DataType::kFloat &&
         std::ranges::all_of(tensor.data<float>(), [number](float element) { return element == number; });
}

// The operand that is the result: x + 0, x - 0, x · 1, x / 1.
Value* result_of(const Node& node) {
  const bool sum = node.is("Add") || node.is("Sub"), product = node.is("Mul") || node.is("Div");
  if (!sum && !product) return nullptr;
  const auto is_neutral = [&](size_t side) {
    const Tensor* constant = node.input(side) ? node.input(side)->constant() : nullptr;
    return constant && is_all(*constant, sum ? 0.0f : 1.0f);
  };
  if (is_neutral(1)) return node.input(0);
  return (node.is("Add") || node.is("Mul")) && is_neutral(0) ? node.input(1) : nullptr;
}

}  // namespace

bool eliminate_neutral_operands(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    Value* operand = result_of(*node);
    if (!operand || node->output(0)->is_graph_output()) continue;
    // The other operand may be what gives the result its shape.
    const Shape *from = shape_of(types, operand), *to = shape_of(types, node->output(0));
    if (!from || !to || *from != *to) continue;
    graph.replace_uses(node->output(0), operand);
    graph.erase(node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
