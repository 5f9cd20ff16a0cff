// What a program has that is not converted, as one message.
#pragma once

#include <vector>

#include "torch/aten/scope.hpp"

namespace slipway::torch::aten {

// Throws kUnsupported: every kind of refusal, how often, where in the user's source for the first time, and
// what can be done. `refusals` is not empty.
[[noreturn]] void throw_refusals(const std::vector<ProgramState::Refusal>& refusals);

}  // namespace slipway::torch::aten
