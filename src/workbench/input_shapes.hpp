// Which sizes the inputs of a model take when somebody wants to run or count it without real inputs.
#pragma once

#include <map>
#include <string>

#include "graph/model.hpp"
#include "tensor/dim.hpp"

namespace slipway::workbench {

using InputShapes = std::map<std::string, Dims, std::less<>>;

// Sizes for the inputs that have no default: those of `given`, where the name "" is for the only input; else
// those that the model states as numbers; else what its metadata suggests, which is the pipeline's
// `typical_size` (docs/pipeline.md) for one picture. Inputs that remain open, and those that are no tensors,
// are left out. Throws kInvalidArgument when a given shape is for no input or contradicts the input's type.
InputShapes choose_shapes(const Model& model, const InputShapes& given);

}  // namespace slipway::workbench
