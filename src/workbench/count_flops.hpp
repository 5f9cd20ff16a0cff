// The floating-point operations of one run of a model.
#pragma once

#include "graph/model.hpp"
#include "ops/registry.hpp"
#include "workbench/input_shapes.hpp"

namespace slipway::workbench {

// The sum over the main graph's nodes of what their operators count (src/ops/, `flops`); operators that
// nobody counts add nothing. `model` is at the newest opset. Throws kUnsupported naming the node when its
// sizes do not follow from `shapes`, and what inference throws.
double count_flops(const Model& model, const InputShapes& shapes, const ops::Registry& operators);

}  // namespace slipway::workbench
