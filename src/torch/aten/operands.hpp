// Operands of elementwise operators, in one type, as PyTorch promotes them: ONNX's operators want both of the
// same.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// A tensor or a number as `type`; numbers become tensors of rank 0.
Value* operand(Conversion& c, std::string_view argument, DataType type);

}  // namespace slipway::torch::aten
