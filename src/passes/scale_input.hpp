// Makes the factor that a model enlarges pictures by an input of it: PyTorch's exporters take it as a number
// of the program alone.
#pragma once

#include <string>

#include "graph/model.hpp"

namespace slipway::passes {

// Every Resize of the model's graph whose constant `scales` are one number but for axes that stay 1 takes the
// number from a new input `name` instead, f32[1]. What was inferred of sizes behind it is forgotten; the
// model's outputs keep their rank and the sizes that do not follow from the factor. Returns the factor that
// the model had. The model must be at the newest opset and valid. Throws kInvalidArgument when there is no
// such Resize, when several have different factors, when the name is taken, or when a node behind one of them
// states sizes that follow from the factor (a Reshape to numbers); the node is named and the model unchanged.
float make_scale_an_input(Model& model, const std::string& name);

}  // namespace slipway::passes
