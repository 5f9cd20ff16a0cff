#include "passes/pattern.hpp"

namespace slipway::passes {

Node* made_by(const Value* value, std::string_view op_type, const Graph& graph) {
  Node* node = value ? value->producer() : nullptr;
  return node && node->is(op_type) && &node->graph() == &graph ? node : nullptr;
}

Node* made_for_one(const Value* value, std::string_view op_type, const Graph& graph) {
  Node* node = made_by(value, op_type, graph);
  return node && value->uses().size() == 1 && !value->is_graph_output() ? node : nullptr;
}

const Shape* shape_of(const ops::InferredTypes& types, const Value* value) {
  const Type& type = types.type(value);
  return type.is_tensor() && type.shape() ? &*type.shape() : nullptr;
}

std::optional<double> constant_number(const Value* value) {
  const Tensor* constant = value ? value->constant() : nullptr;
  if (!constant || constant->count() != 1) return std::nullopt;
  if (constant->type() == DataType::kFloat) return constant->data<float>()[0];
  if (constant->type() == DataType::kDouble) return constant->data<double>()[0];
  return std::nullopt;
}

std::optional<std::vector<int64_t>> constant_ints(const Value* value) {
  const Tensor* constant = value ? value->constant() : nullptr;
  if (!constant || constant->type() != DataType::kInt64) return std::nullopt;
  const auto numbers = constant->data<int64_t>();
  return std::vector<int64_t>(numbers.begin(), numbers.end());
}

std::optional<size_t> axis_of(int64_t axis, size_t rank) {
  const auto axes = static_cast<int64_t>(rank);
  if (axis < -axes || axis >= axes) return std::nullopt;
  return static_cast<size_t>(axis < 0 ? axis + axes : axis);
}

Value* add_ints(Graph& graph, std::string name, const std::vector<int64_t>& numbers) {
  return graph.add_initializer(std::move(name),
                               Tensor::from<int64_t>({static_cast<int64_t>(numbers.size())}, numbers));
}

Node* replace_node(Graph& graph, Node* old, std::string op_type, std::vector<Value*> inputs) {
  Node* made = graph.insert_node(old, std::move(op_type), std::move(inputs), 0, "", old->name());
  made->metadata = old->metadata;
  graph.move_output(old, 0, made, 0);
  graph.erase(old);
  return made;
}

}  // namespace slipway::passes
