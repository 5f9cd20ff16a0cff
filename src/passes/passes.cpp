#include "passes/passes.hpp"

#include <algorithm>

namespace slipway::passes {
namespace {

constexpr Pass kPasses[] = {
    {"widen_half_precision", widen_half_precision}, {"fold_constants", fold_constants},
    {"eliminate_identity", eliminate_identity},     {"fold_batch_norm", fold_batch_norm},
    {"eliminate_dead_nodes", eliminate_dead_nodes},
};

// A pass that undoes another's work would never end; no model needs so many rounds.
constexpr int kMostRounds = 16;

bool run_once(Graph& graph, PassContext& context) {
  bool changed = false;
  // Bodies first: what is simple inside may become foldable outside. Nesting is bounded by validity.
  for (const Node* node = graph.first_node(); node; node = node->next())
    for_each_subgraph(*node, [&](Graph& body) { changed |= run_once(body, context); });
  for (const Pass& pass : kPasses) changed |= pass.run(graph, context);
  return changed;
}

int64_t constant_bytes(const Graph& graph) {
  size_t bytes = 0;
  for (const Value* value : graph.initializers()) bytes += value->initializer()->bytes();
  return static_cast<int64_t>(bytes);
}

}  // namespace

std::span<const Pass> all_passes() {
  return kPasses;
}

void optimize(Model& model, const ops::Registry& operators) {
  PassContext context{operators, std::max(kFreeFolding, 4 * constant_bytes(*model.graph))};
  for (int round = 0; round < kMostRounds && run_once(*model.graph, context); ++round) {
  }
}

}  // namespace slipway::passes
