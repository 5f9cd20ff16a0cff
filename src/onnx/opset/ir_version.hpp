// Which version of the format (ModelProto.ir_version) a model needs.
#pragma once

#include "graph/model.hpp"

namespace slipway {

// The one that came with the opset, or the oldest that has what the model uses: constants that are no inputs,
// functions and their overloads, element types.
int64_t ir_version_for(const Model& model, int64_t opset);

}  // namespace slipway
