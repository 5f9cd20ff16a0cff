// What a node of an exported program's graph is given: "Argument" in PyTorch's schema.
#pragma once

#include <functional>
#include <memory>

#include "torch/ir/argument.hpp"
#include "torch/json.hpp"

namespace slipway::torch {

// What arguments refer to.
struct ArgumentScope {
  // The value (or what an input was specialised to) of this name. Throws kInvalidModel where there is none
  // yet.
  std::function<ir::Argument(const std::string& name)> find;
  std::function<std::shared_ptr<ir::Block>(const Json& graph)> read_block;
};

// Of constants, which refer to nothing.
const ArgumentScope& constant_scope();

// Throws kInvalidModel for what is no argument; kUnsupported for custom objects.
ir::Argument read_argument(const Json& argument, const ArgumentScope& scope);

// {"name": "x"}, or "x" in older files.
const std::string& name_of_tensor(const Json& tensor);

}  // namespace slipway::torch
