// After which node of a graph each value is needed no more.
#pragma once

#include <unordered_map>
#include <vector>

#include "graph/graph.hpp"

namespace slipway::reference {

// Node → the values of its graph that it, or a graph inside it, is the last to read, and its own outputs that
// nobody reads. Outputs of the graph never die. Linear in the graph's uses.
std::unordered_map<const Node*, std::vector<const Value*>> find_lifetimes(const Graph& graph);

}  // namespace slipway::reference
