// A graph as text: deterministic, for tests to compare and people to read. One node a line:
//
//   graph main(x: f32[batch,3,h,w]) -> (y) {
//     w: f32[64,3,9,9] = initializer
//     b: f32[2] = initializer [0.5,-1]
//     y: f32[batch,64,h,w] = Conv(x, w, _) {pads=[4,4,4,4]}  # conv1
//     z = If(c) {else_branch=graph e, then_branch=graph t}
//       else_branch: graph e() -> (p) {
//         …
//
// Inputs with a default have a line "= default"; attributes stand in the order of their names; "@name" is a
// reference to a function's attribute. Of tensors up to 8 elements are shown, of lists 16, of strings 64
// bytes; what is not plain text is quoted and escaped.
#pragma once

#include <string>

#include "graph/model.hpp"

namespace slipway {

std::string to_text(const Graph& graph);
std::string to_text(const Model& model);

}  // namespace slipway
