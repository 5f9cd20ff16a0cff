#include "backends/native/obstacles.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/unknown_operators.hpp"
#include "passes/make_runnable.hpp"

namespace slipway::backends {
// Of each operator; a model may have a hundred thousand.
static constexpr size_t kMostNamed = 20;

std::vector<Obstacle> native_obstacles(const slipway::Model& model) {
  std::vector<Obstacle> obstacles;
  slipway::Model newest = clone(model);
  try {
    passes::make_runnable(newest, ops::standard_operators());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return {{error.context().empty() ? "" : error.context().front(), error.reason()}};
  }
  for (const ops::UnknownOperator& one : ops::unknown_operators(newest, ops::standard_operators())) {
    const std::string reason =
        fmt::format("this build has no operator '{}' of domain '{}'", one.op_type, one.domain);
    for (size_t i = 0; i < std::min(one.nodes.size(), kMostNamed); ++i)
      obstacles.push_back({one.nodes[i]->describe(), reason});
    if (one.nodes.size() > kMostNamed)
      obstacles.push_back({fmt::format("{} more nodes", one.nodes.size() - kMostNamed), reason});
  }
  return obstacles;
}

}  // namespace slipway::backends
