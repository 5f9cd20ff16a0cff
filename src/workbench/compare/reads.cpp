#include "workbench/compare/reads.hpp"

#include <algorithm>

namespace slipway::workbench {
namespace {

void add_once(Value* value, const Graph& graph, std::vector<Value*>& reads) {
  if (!value || &value->graph() != &graph) return;
  if (std::find(reads.begin(), reads.end(), value) == reads.end()) reads.push_back(value);
}

// Validity bounds the nesting.
void add_captured(const Node& node, const Graph& graph, std::vector<Value*>& reads) {
  for_each_subgraph(node, [&](const Graph& body) {
    for (const Node* inner = body.first_node(); inner; inner = inner->next()) {
      for (Value* value : inner->inputs()) add_once(value, graph, reads);
      add_captured(*inner, graph, reads);
    }
    for (Value* value : body.outputs()) add_once(value, graph, reads);
  });
}

}  // namespace

std::vector<Value*> reads_of(const Node& node) {
  std::vector<Value*> reads;
  for (Value* value : node.inputs()) add_once(value, node.graph(), reads);
  add_captured(node, node.graph(), reads);
  return reads;
}

const Node* node_within(const Graph& graph, const Node* reader) {
  while (reader && &reader->graph() != &graph) reader = reader->graph().owner();
  return reader;
}

}  // namespace slipway::workbench
