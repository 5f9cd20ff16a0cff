// Which inputs and outputs of two models are the same.
#pragma once

#include <utility>
#include <vector>

#include "graph/graph.hpp"

namespace slipway::workbench {

struct Ends {
  // Of A and of B. Inputs that have a default on both sides, or on one alone, are left out: they keep it.
  std::vector<std::pair<const Value*, const Value*>> inputs;
  std::vector<std::pair<const Value*, const Value*>> outputs;
};

// By name when both models have the same names, otherwise by position. Throws kInvalidArgument when their
// numbers differ, or what is known of the types of two inputs contradicts (floats may be of different
// precision); the message lists both sides.
Ends match_ends(const Graph& a, const Graph& b);

}  // namespace slipway::workbench
