// The equation of a call of einsum, as ONNX spells it.
#pragma once

#include <string>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

std::string einsum_equation(const Conversion& c);

}  // namespace slipway::torch::aten
