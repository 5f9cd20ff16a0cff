// Brings a model that is written in an older operator set up to the newest, kNewestOpset, which is what
// everything behind the reader works with. The changes are in upgrade_rules.cpp, one small rule each.
#pragma once

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway {

// The model must be valid. Works on bodies and on the model's functions too; the names of inputs, outputs and
// of the values between nodes that stay are kept. Initializers that are inputs only because IR versions below
// 4 demanded it become constants. Throws kInvalidModel where an initializer is not what the input of its name
// is declared as, and kUnsupported for an operator set that is newer than kNewestOpset, and naming the node
// where an operator's old form cannot be said in the newest. `operators` tell the types that rules ask for.
void bring_to_newest(Model& model, const ops::Registry& operators = ops::standard_operators());

}  // namespace slipway
