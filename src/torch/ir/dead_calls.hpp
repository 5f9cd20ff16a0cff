// Calls, and results of calls, that nobody uses.
#pragma once

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// Removes them, also inside of blocks; assertions, and blocks that assert, stay. Of a call with several
// results those that nobody uses become nullptr.
void remove_dead_calls(Block& block);

}  // namespace slipway::torch::ir
