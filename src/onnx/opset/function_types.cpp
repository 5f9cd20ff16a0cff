#include "onnx/opset/function_types.hpp"

#include "graph/function_call.hpp"
#include "ops/graph_inference.hpp"
#include "ops/registry.hpp"

namespace slipway {
namespace {

// What both are.
Type common(const Type& a, const Type& b) {
  if (a == b) return a;
  if (!a.is_tensor() || !b.is_tensor() || a.element_type() != b.element_type()) return {};
  if (!a.shape() || !b.shape() || a.shape()->size() != b.shape()->size())
    return Type::tensor(a.element_type());
  Shape shape;
  for (size_t axis = 0; axis < a.shape()->size(); ++axis)
    shape.push_back((*a.shape())[axis] == (*b.shape())[axis] ? (*a.shape())[axis] : Dim());
  return Type::tensor(a.element_type(), std::move(shape));
}

template <typename Visit>
void for_each_node(const Graph& graph, Visit&& visit) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    visit(*node);
    for_each_subgraph(*node, [&](const Graph& body) { for_each_node(body, visit); });
  }
}

class CallTypes {
 public:
  explicit CallTypes(const Model& model) : model_(model) {
    count_calls(*model.graph);
    for (const Function& function : model.functions) count_calls(*function.body);
  }

  std::map<const Function*, std::vector<Type>> collect() {
    visit(*model_.graph, {});
    return std::move(types_);
  }

 private:
  void count_calls(const Graph& graph) {
    for_each_node(graph, [&](const Node& node) {
      if (const Function* called = find_function(model_.functions, node)) ++open_calls_[called];
    });
  }

  // A function is looked at once all its calls are known; functions do not call themselves.
  void visit(const Graph& graph, const std::vector<Type>& inputs) {
    ops::GraphInference inference(ops::standard_operators(), model_.functions);
    for (size_t i = 0; i < inputs.size(); ++i) inference.replace_type(*graph.inputs()[i], inputs[i]);
    inference.infer(graph);
    for_each_node(graph, [&](const Node& node) {
      const Function* called = find_function(model_.functions, node);
      if (!called) return;
      merge(*called, node, inference);
      if (--open_calls_[called] == 0) visit(*called->body, types_[called]);
    });
  }

  void merge(const Function& called, const Node& node, const ops::GraphInference& inference) {
    const auto [entry, is_first] = types_.try_emplace(&called, called.body->inputs().size());
    for (size_t i = 0; i < entry->second.size(); ++i) {
      const Type given = node.input(i) ? inference.type(node.input(i)) : Type();
      entry->second[i] = is_first ? given : common(entry->second[i], given);
    }
  }

  const Model& model_;
  std::map<const Function*, std::vector<Type>> types_;
  std::map<const Function*, size_t> open_calls_;
};

}  // namespace

std::map<const Function*, std::vector<Type>> types_of_calls(const Model& model) {
  return CallTypes(model).collect();
}

}  // namespace slipway
