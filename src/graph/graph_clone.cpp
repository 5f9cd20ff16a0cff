#include "graph/graph_cloner.hpp"

namespace slipway {

std::unique_ptr<Graph> clone(const Graph& graph) {
  return GraphCloner().graph(graph, nullptr);
}

Attribute Attribute::clone() const {
  return GraphCloner().attribute(*this, nullptr);
}

}  // namespace slipway
