// The activation that a fused product ends with.
#pragma once

#include <string>

#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {

struct FusedActivation {
  std::string name;  // "" for none
  std::vector<float> parameters;
};

// From the attributes activation and activation_params (convolutions: parameters in the order of the
// activation's own), or activation_alpha, activation_beta and activation_gamma (matrix products).
FusedActivation take_fused_activation(NodeConversion& upgrade);
// The standard's operator of that name on the value. Throws kUnsupported for one that nobody fuses.
Value* activate(NodeConversion& upgrade, const FusedActivation& activation, Value* value);

}  // namespace slipway::contrib_rule
