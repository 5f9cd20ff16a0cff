// What a node reads, the graphs inside it included.
#pragma once

#include <vector>

#include "graph/graph.hpp"

namespace slipway::workbench {

// The values of the node's own graph that it reads: its inputs in their order, absent ones left out, then
// what the graphs inside it read from around them; each once. The model must be valid.
std::vector<Value*> reads_of(const Node& node);

// The node of `graph` in whose body, at any depth, the reader lies; the reader itself when it is of `graph`.
const Node* node_within(const Graph& graph, const Node* reader);

}  // namespace slipway::workbench
