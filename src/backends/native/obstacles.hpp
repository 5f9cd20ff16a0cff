// What Slipway's own engine cannot run of a model.
#pragma once

#include "backends/backend.hpp"

namespace slipway::backends {

// Each node, in the graph, in the graphs within nodes and in functions, whose operator is not there: the
// first 20 of an operator by name, then how many more.
std::vector<Obstacle> native_obstacles(const slipway::Model& model);

}  // namespace slipway::backends
