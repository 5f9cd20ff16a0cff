// What two nodes state differently: what a person looks for once a node is to blame.
#pragma once

#include <string>
#include <vector>

#include "graph/node.hpp"

namespace slipway::workbench {

bool same_operator(const Node& a, const Node& b);

// One sentence each, in an order that is always the same: "attribute 'epsilon': 1e-05 in A, 0.01 in B",
// "input 1: weight 'w' f32[64,3,7,7] and weight 'w' differ in 1 of 9408 elements", "input 2: weight 'b'
// f32[64] in A, absent in B". Empty when operator, attributes and constant inputs are the same. An attribute
// that only one of the two states counts even if it states the default.
std::vector<std::string> node_differences(const Node& a, const Node& b);

}  // namespace slipway::workbench
