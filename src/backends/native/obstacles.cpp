#include "backends/native/obstacles.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "onnx/opset/bring_to_newest.hpp"
#include "ops/registry.hpp"

namespace slipway::backends {
namespace {

bool calls_function(const Node& node, const slipway::Model& model) {
  return std::any_of(model.functions.begin(), model.functions.end(), [&](const Function& function) {
    return function.domain == node.domain() && function.name == node.op_type();
  });
}

void collect(const Graph& graph, const slipway::Model& model, std::vector<Obstacle>& obstacles) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    if (!calls_function(*node, model)) {
      try {
        ops::standard_operators().get(*node);
      } catch (const Error& error) {
        obstacles.push_back({node->describe(), error.reason()});
      }
    }
    for_each_subgraph(*node, [&](const Graph& body) { collect(body, model, obstacles); });
  }
}

}  // namespace

std::vector<Obstacle> native_obstacles(const slipway::Model& model) {
  std::vector<Obstacle> obstacles;
  slipway::Model newest = clone(model);
  try {
    bring_to_newest(newest);
  } catch (const Error& error) {
    return {{error.context().empty() ? "" : error.context().front(), error.reason()}};
  }
  collect(*newest.graph, newest, obstacles);
  for (const Function& function : newest.functions) collect(*function.body, newest, obstacles);
  return obstacles;
}

}  // namespace slipway::backends
