// One operator of a library as an ops::Operator: its inference, kernel and count call the library's
// functions.
#pragma once

#include <memory>

#include "custom/library.hpp"
#include "ops/operator.hpp"

namespace slipway::custom {

// The functions in it keep the library loaded. Thread-safe. Throws kInvalidArgument for an operator that is
// not completely or not rightly described.
ops::Operator make_operator(std::shared_ptr<const Library> library, const slipway_op& op);

}  // namespace slipway::custom
