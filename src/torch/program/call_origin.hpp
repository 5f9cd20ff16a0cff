// Where a call of an exported program comes from: its node's "metadata".
#pragma once

#include <string>
#include <string_view>

#include "torch/ir/block.hpp"
#include "torch/json.hpp"

namespace slipway::torch {

// Empty fields where nothing is said; throws kInvalidModel where it is no object of texts.
ir::Origin read_origin(const Json& metadata);

// "L['self'].layer1" and "getattr(L['self'].layer1, '0')" of older files are "layer1" and "layer1.0"; so is
// "layer1.0@1", the second call of a module.
std::string plain_path(std::string_view path);

}  // namespace slipway::torch
