#include "ops/infer_types.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/graph_inference.hpp"

namespace slipway::ops {
namespace {

void start(GraphInference& inference, const Graph& graph, const InferenceOptions& options) {
  for (const Value* input : graph.inputs()) {
    const auto type = options.input_types.find(input->name());
    if (type != options.input_types.end()) inference.replace_type(*input, type->second);
    const auto value = options.input_values.find(input->name());
    if (value != options.input_values.end()) inference.set_constant(*input, value->second);
  }
}

void store(Graph& root, const InferredTypes& inferred) {
  std::vector<Graph*> open{&root};
  while (!open.empty()) {
    Graph* graph = open.back();
    open.pop_back();
    for (Value* value = graph->first_value(); value; value = Graph::next_value(value)) {
      const Type& type = inferred.type(value);
      if (!(type == value->type())) value->set_type(type);
    }
    for (Node* node = graph->first_node(); node; node = node->next())
      for_each_subgraph(*node, [&](Graph& inner) { open.push_back(&inner); });
  }
}

bool is_empty(const Type& type) {
  const bool is_known = type.is_tensor() && type.element_type() != DataType::kUndefined && type.shape() &&
                        all_known(*type.shape());
  return is_known && std::any_of(type.shape()->begin(), type.shape()->end(),
                                 [](const Dim& dim) { return dim.value() == 0; });
}

}  // namespace

const Type& InferredTypes::type(const Value* value) const {
  const auto found = types_.find(value);
  return found == types_.end() ? value->type() : found->second;
}

bool InferredTypes::is_open(const Value* value) const {
  return open_.count(value) != 0 || (value->producer() && types_.count(value) == 0);
}

const Tensor* InferredTypes::constant(const Value* value) const {
  const auto found = constants_.find(value);
  return found == constants_.end() ? value->constant() : &found->second;
}

std::optional<std::vector<RuntimeValue>> empty_outputs(const Node& node, const InferredTypes& types) {
  std::vector<RuntimeValue> outputs;
  for (const Value* output : node.outputs()) {
    outputs.emplace_back();
    if (!output) continue;
    const Type& type = types.type(output);
    if (types.is_claimed(output) || !is_empty(type)) return std::nullopt;
    outputs.back() = Tensor(type.element_type(), known_dims(*type.shape()));
  }
  return outputs;
}

void infer_types(Model& model, const Registry& registry, const InferenceOptions& options) {
  GraphInference inference(registry, model.functions);
  start(inference, *model.graph, options);
  inference.infer(*model.graph);
  store(*model.graph, inference.take());
}

InferredTypes infer_types_for(const Graph& graph, const Registry& registry, const InferenceOptions& options) {
  GraphInference inference(registry, {});
  start(inference, graph, options);
  inference.infer(graph);
  return inference.take();
}

}  // namespace slipway::ops
