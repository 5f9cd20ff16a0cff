// Where a value stands in its graph, seen from the inputs and from the outputs. Values of two graphs that
// have the same place are made, and read, by the same operators in the same order; attributes and constants
// do not count, so that a node whose weights or settings are wrong stands where the right one does.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "graph/graph.hpp"

namespace slipway::workbench {

struct Place {
  uint64_t from_inputs = 0;   // what makes it
  uint64_t from_outputs = 0;  // what is made of it
  friend bool operator==(const Place&, const Place&) = default;
};

// Of the inputs and of everything that nodes make. Inputs and outputs are told by their position in these
// lists. Constants have no place. The graph must be in topological order.
using Places = std::unordered_map<const Value*, Place>;
Places places_of(const Graph& graph, std::span<const Value* const> inputs,
                 std::span<const Value* const> outputs);

}  // namespace slipway::workbench
