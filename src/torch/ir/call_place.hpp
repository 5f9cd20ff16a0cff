// Where a call is, for messages.
#pragma once

#include <string>

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// "aten.add_.Tensor (model.py:41, in layer1.0)".
std::string place_of(const Call& call);

}  // namespace slipway::torch::ir
