// Where a call of an exported program comes from: its node's "metadata".
#pragma once

#include "torch/ir/block.hpp"
#include "torch/program/json.hpp"

namespace slipway::torch {

// Empty fields where nothing is said; throws kInvalidModel where it is no object of texts.
ir::Origin read_origin(const Json& metadata);

}  // namespace slipway::torch
