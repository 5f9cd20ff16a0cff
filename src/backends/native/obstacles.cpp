#include "backends/native/obstacles.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/registry.hpp"
#include "passes/make_runnable.hpp"

namespace slipway::backends {
namespace {

bool calls_function(const Node& node, const slipway::Model& model) {
  return std::any_of(model.functions.begin(), model.functions.end(), [&](const Function& function) {
    return function.domain == node.domain() && function.name == node.op_type();
  });
}

void collect(const Graph& graph, const slipway::Model& model, std::vector<Obstacle>& obstacles) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    const bool known = ops::standard_operators().find(node->domain(), node->op_type()) != nullptr;
    if (!known && !calls_function(*node, model))
      obstacles.push_back(
          {node->describe(), fmt::format("this build has no operator '{}' of domain '{}'", node->op_type(),
                                         node->domain().empty() ? "ai.onnx" : node->domain())});
    for_each_subgraph(*node, [&](const Graph& body) { collect(body, model, obstacles); });
  }
}

}  // namespace

std::vector<Obstacle> native_obstacles(const slipway::Model& model) {
  std::vector<Obstacle> obstacles;
  slipway::Model newest = clone(model);
  try {
    passes::make_runnable(newest, ops::standard_operators());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return {{error.context().empty() ? "" : error.context().front(), error.reason()}};
  }
  collect(*newest.graph, newest, obstacles);
  for (const Function& function : newest.functions) collect(*function.body, newest, obstacles);
  return obstacles;
}

}  // namespace slipway::backends
