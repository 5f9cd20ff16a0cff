// The graph of an exported program, "Graph" in PyTorch's torch/_export/serde/schema.py, as a block of calls.
#pragma once

#include <span>
#include <string>

#include "torch/ir/block.hpp"
#include "torch/json.hpp"
#include "torch/program/expression.hpp"

namespace slipway::torch {

// A block within a block, so deep.
inline constexpr size_t kMostBlockNesting = 64;

// Fills the empty `block`. Its inputs stand one for each of the graph's: nullptr for a token or a custom
// object, which no call can take; `names[i]`, where there is one, for the value of an input that the program
// was specialised to. Errors name the node: kInvalidModel; kUnsupported for custom objects, sparse tensors
// and element types that ONNX has not.
void read_graph(const Json& graph, std::span<const std::string> names, SympyExpressions& expressions,
                ir::Block& block);

}  // namespace slipway::torch
