// Which nodes of a model nobody knows: their operators are in no registry and are no functions of the model.
#pragma once

#include <string>
#include <vector>

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {

struct UnknownOperator {
  std::string domain;  // "ai.onnx" is spelled out
  std::string op_type;
  std::vector<const Node*> nodes;  // in bodies and functions too, in the model's order
};

// In order of domain and operator. The pointers live as long as the model.
std::vector<UnknownOperator> unknown_operators(const Model& model, const Registry& registry);

// "node 'a' (shop.Spin), node 'b' (shop.Spin) and 5 more": the first few by name.
std::string name_nodes(const std::vector<const Node*>& nodes, size_t most = 20);

}  // namespace slipway::ops
