// A call of a model's function: which function a node calls, and its body for that call.
#pragma once

#include <memory>
#include <span>

#include "graph/model.hpp"

namespace slipway {

// The function that the node calls, or nullptr. A function of a model goes before an operator of the same
// name.
const Function* find_function(std::span<const Function> functions, const Node& call);

// The function's body anew, with the call's attributes (or the function's defaults) in place of references to
// them; a reference to an attribute that has neither disappears. Tensors share their buffers. Throws
// kInvalidModel when an attribute is of another kind than its reference says, kUnsupported when the call has
// a graph as attribute.
std::unique_ptr<Graph> instantiate(const Function& function, const Node& call);

}  // namespace slipway
