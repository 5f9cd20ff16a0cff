// The operator Gradient (ai.onnx.preview.training) becomes the nodes that compute it, in reverse mode.
#pragma once

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::passes {

// Afterwards the model has no Gradient any more; where it had one, its functions are inlined and its values
// have the types that are inferred. The model must be valid and at the newest opset. Throws kInvalidModel for
// a Gradient whose names or inputs are wrong, kUnsupported naming the first node on the way from y that has
// no rule (gradient/derivative.hpp).
void expand_gradients(Model& model, const ops::Registry& operators);

}  // namespace slipway::passes
