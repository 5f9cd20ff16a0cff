// What a model's calls of its functions say about the functions' inputs.
#pragma once

#include <map>
#include <vector>

#include "graph/model.hpp"

namespace slipway {

// For each function that is called, the types of its inputs as far as all its calls agree: sizes that differ
// are unknown, and so are types that do. The model must be valid and at the newest opset.
std::map<const Function*, std::vector<Type>> types_of_calls(const Model& model);

}  // namespace slipway
