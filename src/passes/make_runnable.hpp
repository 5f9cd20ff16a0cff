// From a model as it was read to the form that the interpreter and the engine run.
#pragma once

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::passes {

// Brings the model to the newest opset and expands its Gradients. It must be valid. Throws what these two
// throw (onnx/opset/bring_to_newest.hpp, gradient/expand_gradients.hpp).
void make_runnable(Model& model, const ops::Registry& operators);

}  // namespace slipway::passes
