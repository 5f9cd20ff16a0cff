// Is a model well-formed as a graph? Every name made once, every value made before it is read, outputs made
// by somebody, subgraphs and functions too, no recursion of functions. What operators demand of their inputs
// is not looked at here: that is src/ops/.
#pragma once

#include <cstdint>

#include "graph/model.hpp"

namespace slipway {

inline constexpr int kMaxGraphNesting = 64;               // graphs within nodes within graphs
inline constexpr int kMaxFunctionNesting = 64;            // functions that call functions
inline constexpr int64_t kMaxExpandedNodes = 10'000'000;  // of one function with all that it calls in place

// Throws kInvalidModel naming the node or value. Linear in the size of the model; what goes beyond the limits
// above is refused. A graph inside another one may read what is around it.
void validate(const Model& model);
void validate(const Graph& graph);

}  // namespace slipway
