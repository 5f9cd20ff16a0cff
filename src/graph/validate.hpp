// Is a model well-formed as a graph? Every name made once, every value made before it is read, outputs made
// by somebody, subgraphs and functions too, no recursion of functions. What operators demand of their inputs
// is not looked at here: that is src/ops/.
#pragma once

#include "graph/model.hpp"

namespace slipway {

// Throws kInvalidModel naming the node or value. Linear in the size of the model; nesting deeper than
// kMaxGraphNesting is refused.
void validate(const Model& model);
void validate(const Graph& graph);

inline constexpr int kMaxGraphNesting = 64;

}  // namespace slipway
