// Higher-order calls that run one block once, as if it stood there: the block's calls take the call's place.
#pragma once

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// wrap_with_set_grad_enabled, checkpoints, invoke_subgraph and the like, also inside of other blocks. Throws
// kUnsupported for wrap_with_autocast where it would change types, kInvalidModel for a block whose inputs are
// not those that the call gives.
void inline_blocks(Block& block);

}  // namespace slipway::torch::ir
