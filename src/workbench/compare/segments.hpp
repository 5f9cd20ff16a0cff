// The nodes from some values of a graph to another one.
#pragma once

#include <unordered_set>
#include <vector>

#include "graph/graph.hpp"

namespace slipway::workbench {

struct Segment {
  std::vector<const Node*> nodes;  // in the order in which they are found, from the end
  std::vector<const Value*> from;  // where it begins: known values that the nodes read
};

// What makes `end` of the known values, which are not looked behind, and of inputs and constants.
Segment segment_before(const Value& end, const std::unordered_set<const Value*>& known);

}  // namespace slipway::workbench
