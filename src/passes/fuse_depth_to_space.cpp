#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// What the views that make `node` shuffle into pictures `factor` times as large.
struct Shuffle {
  Value* input;
  int64_t factor;
};

// [N, C·r², H, W] → [N, C, r, r, H, W] → [N, C, H, r, W, r] → [N, C, H·r, W·r]
std::optional<Shuffle> match(const Node& node, const Graph& graph, const ops::InferredTypes& types) {
  const Node* turn = node.is("Reshape") ? made_for_one(node.input(0), "Transpose", graph) : nullptr;
  if (!turn || turn->ints_attribute("perm", {}) != std::vector<int64_t>{0, 1, 4, 2, 5, 3})
    return std::nullopt;
  const Node* part = made_for_one(turn->input(0), "Reshape", graph);
  const Shape* parts = part ? shape_of(types, part->output(0)) : nullptr;
  if (!parts || !(*parts)[2].is_known()) return std::nullopt;
  const Shape *from = shape_of(types, part->input(0)), *to = shape_of(types, node.output(0));
  const Dim &batch = (*parts)[0], &channels = (*parts)[1], &factor = (*parts)[2], &height = (*parts)[4],
            &width = (*parts)[5];
  if (!from || !to || (*parts)[3] != factor) return std::nullopt;
  if (*from != Shape{batch, channels * factor * factor, height, width}) return std::nullopt;
  if (*to != Shape{batch, channels, height * factor, width * factor}) return std::nullopt;
  return Shuffle{part->input(0), factor.value()};
}

}  // namespace

bool fuse_depth_to_space(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    const auto shuffle = match(*node, graph, types);
    if (!shuffle) continue;
    Node* made = replace_node(graph, node, "DepthToSpace", {shuffle->input});
    made->set_attribute("blocksize", shuffle->factor);
    made->set_attribute("mode", std::string("CRD"));
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
