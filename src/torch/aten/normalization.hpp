// Scales and shifts that ONNX's normalisations must have and PyTorch's may leave out.
#pragma once

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// The argument, or `value` for each element of `sizes`.
Value* given_or_filled(Conversion& c, std::string_view argument, const Shape& sizes, double value);

// {"epsilon": …}, or nothing when it is ONNX's default, 1e-5.
Attributes epsilon_attribute(double epsilon);

// Refuses a call somebody uses more of than its first result.
void require_first_result_only(const Conversion& c);

}  // namespace slipway::torch::aten
