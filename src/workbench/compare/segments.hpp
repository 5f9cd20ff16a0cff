// The nodes from some values of a graph to another one.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/graph.hpp"

namespace slipway::workbench {

struct Segment {
  std::vector<const Node*> nodes;  // in the graph's order; the last makes the end
  std::vector<const Value*> from;  // where it begins: known values and inputs that the nodes read
};

// Cuts a graph into what lies between known values.
class Segments {
 public:
  // Both must outlive this. The graph is in topological order.
  Segments(const Graph& graph, const std::unordered_set<const Value*>& known);

  // What makes `end` of the known values, which are not looked behind, and of inputs and constants.
  Segment before(const Value& end) const;

 private:
  const std::unordered_set<const Value*>& known_;
  std::unordered_map<const Node*, size_t> position_;
};

}  // namespace slipway::workbench
