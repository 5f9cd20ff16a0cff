#include "passes/passes.hpp"

#include <algorithm>

#include "base/memory_account.hpp"

namespace slipway::passes {
namespace {

constexpr Pass kPasses[] = {
    {"widen_half_precision", widen_half_precision},   {"fold_constants", fold_constants},
    {"drop_empty_inputs", drop_empty_inputs},         {"eliminate_identity", eliminate_identity},
    {"fold_into_convolution", fold_into_convolution}, {"eliminate_dead_nodes", eliminate_dead_nodes},
};

constexpr Pass kTidyPasses[] = {
    // First: before views are merged with others, and expanded weights and zeros are folded.
    {"lift_products", lift_products},
    {"drop_softmax_guards", drop_softmax_guards},
    {"eliminate_dead_nodes", eliminate_dead_nodes},  // so that nobody folds for them
    {"share_equal_nodes", share_equal_nodes},        // so that what they make is folded once
    {"fold_constants", fold_constants},
    {"eliminate_identity", eliminate_identity},
    {"eliminate_neutral_operands", eliminate_neutral_operands},
    {"fuse_hard_activations", fuse_hard_activations},
    {"fuse_prelu", fuse_prelu},
    {"gather_slices", gather_slices},
    {"fuse_depth_to_space", fuse_depth_to_space},
    {"merge_views", merge_views},
    {"merge_transposes", merge_transposes},
    {"merge_slices", merge_slices},
    {"eliminate_dead_nodes", eliminate_dead_nodes},
    {"fold_into_convolution", fold_into_convolution},
};
// A constant that would make the file so much larger stays a computation.
constexpr int64_t kTidyFolding = int64_t{4} << 20;

// A pass that undoes another's work would never end; no model needs so many rounds.
constexpr int kMostRounds = 16;

bool run_once(std::span<const Pass> passes, Graph& graph, PassContext& context) {
  bool changed = false;
  // Bodies first: what is simple inside may become foldable outside. Nesting is bounded by validity.
  for (const Node* node = graph.first_node(); node; node = node->next())
    for_each_subgraph(*node, [&](Graph& body) { changed |= run_once(passes, body, context); });
  for (const Pass& pass : passes) changed |= pass.run(graph, context);
  return changed;
}

int64_t constant_bytes(const Graph& graph) {
  size_t bytes = 0;
  for (const Value* value : graph.initializers()) bytes += value->initializer()->bytes();
  return static_cast<int64_t>(bytes);
}

void run_all(std::span<const Pass> passes, Model& model, PassContext context) {
  context.fold_flops =
      std::min(kFreeFlops + kFlopsForByte * static_cast<double>(constant_bytes(*model.graph)), kMostFlops);
  // Constants stay for good: under a memory limit, half of what is left is for the runs.
  if (const auto* memory = MemoryAccount::current())
    context.fold_budget =
        std::min(context.fold_budget, static_cast<int64_t>(((*memory)->limit() - (*memory)->used()) / 2));
  for (int round = 0; round < kMostRounds && run_once(passes, *model.graph, context); ++round) {
  }
}

}  // namespace

std::span<const Pass> all_passes() {
  return kPasses;
}

void optimize(Model& model, const ops::Registry& operators) {
  run_all(kPasses, model, {operators, std::max(kFreeFolding, 4 * constant_bytes(*model.graph))});
}

void tidy(Model& model, const ops::Registry& operators, const TidyOptions& options) {
  const std::span<const Pass> all = kTidyPasses;
  run_all(options.fold_into_convolution ? all : all.first(all.size() - 1), model, {operators, kTidyFolding});
}

}  // namespace slipway::passes
