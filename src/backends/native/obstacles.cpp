#include "backends/native/obstacles.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "custom/load_operators.hpp"
#include "graph/function_call.hpp"
#include "ops/unknown_operators.hpp"
#include "passes/make_runnable.hpp"

namespace slipway::backends {
namespace {

// Of each operator; a model may have a hundred thousand.
constexpr size_t kMostNamed = 20;

void find_other_versions(const Graph& graph, const OpsetImports& imports, const slipway::Model& model,
                         const ops::Registry& operators, std::vector<Obstacle>& obstacles) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    for_each_subgraph(
        *node, [&](const Graph& body) { find_other_versions(body, imports, model, operators, obstacles); });
    const ops::Operator* known = operators.find(node->domain(), node->op_type());
    if (!known || find_function(model.functions, *node)) continue;
    std::string reason = custom::version_obstacle(*known, imports);
    if (!reason.empty()) obstacles.push_back({node->describe(), std::move(reason)});
  }
}

}  // namespace

std::vector<Obstacle> native_obstacles(const slipway::Model& model, const ops::Registry& operators) {
  std::vector<Obstacle> obstacles;
  slipway::Model newest = clone(model);
  try {
    passes::make_runnable(newest, operators);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return {{error.context().empty() ? "" : error.context().front(), error.reason()}};
  }
  for (const ops::UnknownOperator& one : ops::unknown_operators(newest, operators)) {
    const std::string reason =
        fmt::format("this build has no operator '{}' of domain '{}'", one.op_type, one.domain);
    for (size_t i = 0; i < std::min(one.nodes.size(), kMostNamed); ++i)
      obstacles.push_back({one.nodes[i]->describe(), reason});
    if (one.nodes.size() > kMostNamed)
      obstacles.push_back({fmt::format("{} more nodes", one.nodes.size() - kMostNamed), reason});
  }
  find_other_versions(*newest.graph, newest.opset_imports, newest, operators, obstacles);
  for (const Function& function : newest.functions)
    find_other_versions(*function.body, function.opset_imports, newest, operators, obstacles);
  return obstacles;
}

}  // namespace slipway::backends
