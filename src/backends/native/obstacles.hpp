// What Slipway's own engine cannot run of a model.
#pragma once

#include "backends/backend.hpp"

namespace slipway::backends {

// Each node, in the graph, in the graphs within nodes and in functions, whose operator is not there: the
// first 20 of an operator by name, then how many more. And those whose operator a library brings in a later
// version than the model's.
std::vector<Obstacle> native_obstacles(const slipway::Model& model, const ops::Registry& operators);

}  // namespace slipway::backends
