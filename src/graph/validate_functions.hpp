// The part of validate() that looks at which function calls which.
#pragma once

#include <string>

#include "graph/model.hpp"

namespace slipway {

// "function 'pkg.attention'"
std::string describe(const Function& function);

// Throws kInvalidModel when two functions have one name, when a function calls itself (through others too),
// or beyond the limits of validate.hpp. Linear in the nodes of all functions; no recursion.
void validate_calls(const Model& model);

}  // namespace slipway
