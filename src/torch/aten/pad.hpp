// How the elements outside of a tensor are made up, by PyTorch's names: constant, reflect, replicate,
// circular.
#pragma once

#include <string>

#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {

// The attribute of Pad; none for constant, which is its default. Refuses other names.
Attributes pad_mode(const Conversion& c, const std::string& mode);

}  // namespace slipway::torch::aten
