// Calls whose results nobody uses.
#pragma once

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// Removes them, also inside of blocks; assertions, and blocks that assert, stay.
void remove_dead_calls(Block& block);

}  // namespace slipway::torch::ir
