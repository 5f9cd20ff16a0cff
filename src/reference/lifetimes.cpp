#include "reference/lifetimes.hpp"

namespace slipway::reference {
namespace {

// The node of `graph` in whose body, at any depth, the reader lies; the reader itself when it is of `graph`.
const Node* node_within(const Graph& graph, const Node* reader) {
  while (reader && &reader->graph() != &graph) reader = reader->graph().owner();
  return reader;
}

}  // namespace

std::unordered_map<const Node*, std::vector<const Value*>> find_lifetimes(const Graph& graph) {
  std::unordered_map<const Node*, size_t> position;
  for (const Node* node = graph.first_node(); node; node = node->next())
    position.emplace(node, position.size());

  std::unordered_map<const Node*, std::vector<const Value*>> dying;
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value)) {
    if (value->is_graph_output()) continue;
    const Node* last = value->producer();
    for (const Use& use : value->uses()) {
      const Node* reader = node_within(graph, use.node);
      if (reader && (!last || position.at(reader) > position.at(last))) last = reader;
    }
    if (last) dying[last].push_back(value);
  }
  return dying;
}

}  // namespace slipway::reference
