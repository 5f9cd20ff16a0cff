#include "workbench/count_flops.hpp"

#include <optional>

#include "base/error.hpp"
#include "ops/infer_types.hpp"

namespace slipway::workbench {
namespace {

ops::InferenceOptions with_shapes(const Model& model, const InputShapes& shapes) {
  ops::InferenceOptions options;
  for (const Value* input : model.graph->inputs()) {
    const auto chosen = shapes.find(input->name());
    if (chosen == shapes.end() || !input->type().is_tensor()) continue;
    const Shape shape(chosen->second.begin(), chosen->second.end());
    options.input_types[input->name()] = Type::tensor(input->type().element_type(), shape);
  }
  return options;
}

// Nothing when a shape is open; empty for an absent value.
std::optional<std::vector<Dims>> dims_of(std::span<Value* const> values, const ops::InferredTypes& types) {
  std::vector<Dims> dims;
  for (const Value* value : values) {
    dims.emplace_back();
    if (!value) continue;
    const Type& type = types.type(value);
    if (!type.is_tensor() || !type.shape() || !all_known(*type.shape())) return std::nullopt;
    dims.back() = known_dims(*type.shape());
  }
  return dims;
}

double count_node(const Node& node, const ops::Operator& definition, const ops::InferredTypes& types) {
  auto inputs = dims_of(node.inputs(), types);
  auto outputs = dims_of(node.outputs(), types);
  if (!inputs || !outputs)
    fail(ErrorCode::kUnsupported, "the sizes of {} are not known before the model runs", node.describe());
  std::vector<const Tensor*> constants;
  for (const Value* value : node.inputs()) constants.push_back(value ? types.constant(value) : nullptr);
  return definition.flops({node, std::move(*inputs), std::move(*outputs), std::move(constants)});
}

}  // namespace

double count_flops(const Model& model, const InputShapes& shapes, const ops::Registry& operators) {
  const auto types = ops::infer_types_for(*model.graph, operators, with_shapes(model, shapes));
  double flops = 0;
  for (const Node* node = model.graph->first_node(); node; node = node->next()) {
    const ops::Operator* definition = operators.find(node->domain(), node->op_type());
    if (definition && definition->flops) flops += count_node(*node, *definition, types);
  }
  return flops;
}

}  // namespace slipway::workbench
