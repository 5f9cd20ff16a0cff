// A program as text, a line for each call: for tests, for messages and for whoever looks at one.
//
//   %relu: f32[s0,4,8,8] = aten.relu.default(self=%batch_norm)
#pragma once

#include <string>

#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

std::string to_text(const Argument& argument);
std::string to_text(const Call& call);
// Blocks among the arguments are printed below the call, indented.
std::string to_text(const Block& block);
std::string to_text(const Program& program);

}  // namespace slipway::torch::ir
