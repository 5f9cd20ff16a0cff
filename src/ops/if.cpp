// If: runs one of two bodies. They have no inputs of their own, but see all values around the node.
#include "base/error.hpp"
#include "ops/body.hpp"
#include "ops/merge_types.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

const Graph& branch_of(const Node& node, bool condition) {
  return body_of(node, condition ? "then_branch" : "else_branch", node.outputs().size());
}

// Types that hold whichever branch runs.
std::vector<Type> widen_branches(InferenceContext& context) {
  std::vector<Type> types = context.infer_subgraph(branch_of(context.node(), true), {});
  const std::vector<Type> others = context.infer_subgraph(branch_of(context.node(), false), {});
  for (size_t i = 0; i < context.output_count(); ++i)
    with_context([&] { return fmt::format("output {} of both branches", i); },
                 [&] { types[i] = widen_types(types[i], others[i]); });
  return types;
}

void infer(InferenceContext& context) {
  // A branch that never runs may contradict what is known here: it stays unseen.
  const Tensor* condition = context.input_constant(0);
  const std::vector<Type> types =
      condition ? context.infer_subgraph(branch_of(context.node(), read_condition(*condition)), {})
                : widen_branches(context);
  for (size_t i = 0; i < context.output_count(); ++i) context.set_output_type(i, types[i]);
}

void compute(KernelContext& context) {
  const Graph& branch = branch_of(context.node(), read_condition(context.input(0)));
  auto results = context.run_subgraph(branch, {});
  for (size_t i = 0; i < context.output_count(); ++i) context.set_output(i, std::move(results[i]));
}

}  // namespace

void register_if(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "If",
                .since_version = 25,
                .inputs = {{"cond", "tensor(bool)"}},
                .outputs = {{"outputs", "", Arity::kVariadic}},
                .attributes = {{"then_branch", Kind::kGraph, true}, {"else_branch", Kind::kGraph, true}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
