// Brings a model that is written in an older operator set up to the newest, kNewestOpset, which is what
// everything behind the reader works with.
#pragma once

#include "graph/model.hpp"

namespace slipway {

// Throws kUnsupported for an operator set that is newer than kNewestOpset, or older than any that can be
// brought up.
void bring_to_newest(Model& model);

}  // namespace slipway
