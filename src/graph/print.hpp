// A graph as text: deterministic, for tests to compare and people to read. One node a line:
//
//   graph main(x: f32[batch,3,h,w]) -> (y) {
//     w: f32[64,3,9,9] = initializer
//     y: f32[batch,64,h,w] = Conv(x, w, _) {pads=[4,4,4,4]}  # conv1
//   }
#pragma once

#include <string>

#include "graph/model.hpp"

namespace slipway {

std::string to_text(const Graph& graph);
std::string to_text(const Model& model);

}  // namespace slipway
