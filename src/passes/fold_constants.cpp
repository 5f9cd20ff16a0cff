#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/infer_types.hpp"
#include "passes/passes.hpp"
#include "reference/interpreter.hpp"

namespace slipway::passes {
namespace {

bool is_foldable(const Node& node, const ops::Registry& operators) {
  const ops::Operator* definition = operators.find(node.domain(), node.op_type());
  if (!definition || !definition->compute || !definition->deterministic) return false;
  bool has_body = false;
  for_each_subgraph(node, [&](const Graph&) { has_body = true; });
  if (has_body) return false;
  for (const Value* input : node.inputs())
    if (input && !input->constant()) return false;
  return true;
}

// Bytes of the node's outputs by inference; nothing when it cannot tell. Of strings that are made of others
// it never can.
std::optional<int64_t> output_bytes(const Node& node, const ops::InferredTypes& types) {
  int64_t total = 0;
  for (const Value* output : node.outputs()) {
    if (!output) continue;
    const Type& type = types.type(output);
    if (!type.is_tensor() || !type.shape() || !all_known(*type.shape())) return std::nullopt;
    if (type.element_type() == DataType::kString && !node.is("Constant")) return std::nullopt;
    total += static_cast<int64_t>(bytes_for(type.element_type(), element_count(known_dims(*type.shape()))));
  }
  return total;
}

int64_t input_bytes(const Node& node) {
  int64_t total = 0;
  for (const Value* input : node.inputs())
    if (input) total += static_cast<int64_t>(input->constant()->bytes());
  return total;
}

// Bytes of constants that nobody reads any more when the node is gone: a transposed weight takes the place of
// the weight.
int64_t freed_bytes(const Node& node) {
  int64_t total = 0;
  for (const Value* input : node.inputs())
    if (input && input->constant() && !input->is_graph_output() && input->uses().size() == 1)
      total += static_cast<int64_t>(input->constant()->bytes());
  return total;
}

// What computing the node takes, where somebody counts it. All inputs are constants, all outputs' shapes
// known.
double flops_of(const Node& node, const ops::Operator& definition, const ops::InferredTypes& types) {
  if (!definition.flops) return 0;
  ops::ShapeContext shapes{node, {}, {}, {}};
  for (const Value* input : node.inputs()) {
    shapes.inputs.push_back(input ? input->constant()->dims() : Dims());
    shapes.constants.push_back(input ? input->constant() : nullptr);
  }
  for (const Value* output : node.outputs())
    shapes.outputs.push_back(output ? known_dims(*types.type(output).shape()) : Dims());
  return definition.flops(shapes);
}

std::vector<RuntimeValue> constant_inputs(const Node& node) {
  std::vector<RuntimeValue> inputs;
  for (const Value* input : node.inputs())
    inputs.push_back(input ? RuntimeValue(*input->constant()) : RuntimeValue());
  return inputs;
}

// The outputs by the reference kernel; none where that takes more work than is left. What was done is counted
// in any case.
std::vector<RuntimeValue> outputs_within(double& work_left, double counted, const Node& node,
                                         const ops::Registry& operators) {
  const WorkScope work(work_left);
  std::vector<RuntimeValue> outputs;
  try {
    outputs = reference::run_node(node, constant_inputs(node), operators);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
  }
  work_left -= std::max(counted, work.spent());
  return outputs;
}

bool all_tensors(const Node& node, const std::vector<RuntimeValue>& outputs) {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (node.output(i) && !outputs[i].is_tensor()) return false;
  return true;
}

}  // namespace

bool fold_constants(Graph& graph, PassContext& context) {
  bool changed = false;
  const auto types = ops::infer_types_for(graph, context.operators, {});
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    if (!is_foldable(*node, context.operators)) continue;
    const auto bytes = output_bytes(*node, types);
    if (!bytes) continue;
    const int64_t growth = std::max<int64_t>(*bytes - freed_bytes(*node), 0);
    if (growth > context.fold_budget) continue;
    // Moving 16 bytes takes as long as an operation; counted, so that a chain of moves ends somewhere.
    const double flops = flops_of(*node, context.operators.get(*node), types) +
                         static_cast<double>(*bytes + input_bytes(*node)) / 16;
    if (flops > context.fold_flops) continue;
    const auto outputs =
        with_context([&] { return node->describe(); },
                     [&] {
                       auto empty = ops::empty_outputs(*node, types);
                       return empty ? std::move(*empty)
                                    : outputs_within(context.fold_flops, flops, *node, context.operators);
                     });
    if (outputs.empty() || !all_tensors(*node, outputs)) continue;
    context.fold_budget -= growth;
    std::vector<std::pair<Value*, std::string>> constants;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!node->output(i)) continue;
      const std::string name = node->output(i)->name();
      constants.emplace_back(graph.add_initializer(name, outputs[i].tensor()), name);
      graph.replace_uses(node->output(i), constants.back().first);
    }
    graph.erase(node);
    // A model's outputs keep their names.
    for (const auto& [constant, name] : constants) graph.rename(constant, name);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
