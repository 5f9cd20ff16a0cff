// One step of a plan before it has a kernel: a node, perhaps with the nodes behind it fused into it.
#pragma once

#include <vector>

#include "engine/kernel.hpp"
#include "graph/graph.hpp"
#include "ops/infer_types.hpp"

namespace slipway::engine {

struct Operation {
  const Node* node = nullptr;
  std::vector<const Node*> fused;    // the nodes behind it that it does too, in their order
  std::vector<const Value*> inputs;  // the node's, then the residual if there is one; nullptr for absent ones
  std::vector<const Value*> outputs;  // the node's, or the last fused node's
  Fusion fusion;
};

// A node by itself.
Operation operation_of(const Node& node);

// The graph's nodes in order as operations. With `fuse`, additions and activations whose input nobody else
// reads go into the node that makes it, where a kernel takes them.
std::vector<Operation> lower(const Graph& graph, const ops::InferredTypes& types, bool fuse);

// The shape when every dimension is known.
std::optional<Dims> static_dims(const Type& type);

}  // namespace slipway::engine
