// Parameters and buffers that share memory from the start: tied weights, a buffer that is a part of another.
#pragma once

#include "torch/ir/aliases.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch::ir {

// Makes inputs of the program whose tensors overlap in memory views of each other, or links them where it
// cannot be said of what form.
void tie_tensors(const Program& program, Aliases& aliases);

}  // namespace slipway::torch::ir
