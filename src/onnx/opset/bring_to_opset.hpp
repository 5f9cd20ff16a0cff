// Writes a model down to an older operator set, for runtimes that know no newer one. The changes are in
// down/downgrade_rules.cpp, one small rule each; what a version of an operator takes is in
// operator_versions.inc.
#pragma once

#include "graph/model.hpp"

namespace slipway {

inline constexpr int64_t kOldestWrittenOpset = 7;

// The model, which must be valid, says the same at the opset, which may be newer or older than its own; with
// it, nothing changes. Bodies and the model's functions are converted too; names of inputs, outputs and of
// the values between nodes that stay are kept; the IR version becomes the one that came with the opset, or
// the oldest that has what the model uses. Throws kUnsupported naming every node that cannot be said there
// and why, and kInvalidArgument for an opset outside [kOldestWrittenOpset, kNewestOpset]; the model is of no
// use then.
void bring_to_opset(Model& model, int64_t opset);

}  // namespace slipway
