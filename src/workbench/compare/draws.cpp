#include "workbench/compare/draws.hpp"

namespace slipway::workbench {

bool draws_random_numbers(const Node& node, const ops::Registry& operators) {
  const ops::Operator* definition = operators.find(node.domain(), node.op_type());
  bool found = definition && !definition->deterministic;
  for_each_subgraph(node, [&](const Graph& body) { found = found || draws_random_numbers(body, operators); });
  return found;
}

bool draws_random_numbers(const Graph& graph, const ops::Registry& operators) {
  for (const Node* node = graph.first_node(); node; node = node->next())
    if (draws_random_numbers(*node, operators)) return true;
  return false;
}

}  // namespace slipway::workbench
