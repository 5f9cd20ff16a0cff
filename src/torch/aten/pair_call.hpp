// Calls that only move complex numbers, as calls that move pairs of reals.
#pragma once

#include <functional>
#include <optional>

#include "torch/ir/block.hpp"

namespace slipway::torch::aten {

// Does the call take or make complex numbers?
bool is_of_complex_numbers(const ir::Call& call);

// The same call over pairs (ir/complex_pairs.hpp): negative axes count from one further behind, stated sizes
// have one more. `pair_of` gives the value of pairs for a complex one. nullopt for operators that do not only
// move what they are given, and for those that would need reals as complex numbers.
std::optional<ir::Call> pair_call(const ir::Call& call,
                                  const std::function<ir::Value*(const ir::Value*)>& pair_of);

}  // namespace slipway::torch::aten
