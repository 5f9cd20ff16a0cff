// Who draws random numbers, so that two runs cannot be compared?
#pragma once

#include "graph/graph.hpp"
#include "ops/registry.hpp"

namespace slipway::workbench {

// The node, or one in a graph within it.
bool draws_random_numbers(const Node& node, const ops::Registry& operators);
// One of the graph's nodes.
bool draws_random_numbers(const Graph& graph, const ops::Registry& operators);

}  // namespace slipway::workbench
