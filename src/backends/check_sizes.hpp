// Do the sizes of a call's tensors fit each other, and what the model says of them?
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "backends/backend.hpp"

namespace slipway::backends {

// The part of check_inputs() that is about names of dimensions ("batch"), which must mean one number,
// expressions over them ("3*h", "8*s"), and conditions ("batch >= 2"). Ranks fit already. A condition with a
// name that no input tells the size of says nothing. Returns what the names mean. Throws kInvalidArgument.
std::map<std::string, int64_t, std::less<>> check_sizes(const std::vector<Port>& ports,
                                                        std::span<const SizeCondition> conditions,
                                                        std::span<const RuntimeValue> values);

}  // namespace slipway::backends
