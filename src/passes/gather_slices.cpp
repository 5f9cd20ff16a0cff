#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// The one axis that a Squeeze takes away.
std::optional<int64_t> only_axis(const Node& squeeze) {
  const auto axes = constant_ints(squeeze.input(1));
  return axes && axes->size() == 1 ? std::optional(axes->front()) : std::nullopt;
}

// Where a Slice of one axis, which leaves a single place of it, begins.
struct Place {
  size_t axis;
  int64_t index;
};

std::optional<Place> single_place(const Node& slice, const ops::InferredTypes& types) {
  const Shape *from = shape_of(types, slice.input(0)), *to = shape_of(types, slice.output(0));
  const auto starts = constant_ints(slice.input(1)), axes = constant_ints(slice.input(3));
  if (!from || !to || !starts || !axes || axes->size() != 1 || starts->size() != 1) return std::nullopt;
  const auto axis = axis_of(axes->front(), to->size());
  if (!axis || (*to)[*axis] != Dim(1) || !(*from)[*axis].is_known()) return std::nullopt;
  // A Slice takes a start beyond the axis for its end; Gather refuses it.
  const auto size = static_cast<size_t>((*from)[*axis].value());
  return axis_of(starts->front(), size) ? std::optional(Place{*axis, starts->front()}) : std::nullopt;
}

}  // namespace

bool gather_slices(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    const auto squeezed = node->is("Squeeze") ? only_axis(*node) : std::nullopt;
    const Node* slice = squeezed ? made_for_one(node->input(0), "Slice", graph) : nullptr;
    const auto place = slice ? single_place(*slice, types) : std::nullopt;
    if (!place || axis_of(*squeezed, shape_of(types, node->input(0))->size()) != place->axis) continue;
    Value* index =
        graph.add_initializer(node->output(0)->name() + ".index", Tensor::scalar<int64_t>(place->index));
    Node* gather = replace_node(graph, node, "Gather", {slice->input(0), index});
    gather->set_attribute("axis", static_cast<int64_t>(place->axis));
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
