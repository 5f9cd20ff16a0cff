// Damage to a model that can be read: other attributes, constants, types and edges, so that it is refused
// late or not at all.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "graph/model.hpp"
#include "hostile/damage.hpp"
#include "ops/registry.hpp"

namespace slipway::hostile {

class ModelDamage {
 public:
  ModelDamage(Model& model, Mutator& random) : model_(model), random_(random) {}

  // One to three changes.
  void apply() {
    for (size_t changes = 1 + random_.below(3); changes > 0; --changes) {
      // Anew each time: an attribute that is gone takes its graph along.
      nodes_.clear(), graphs_.clear();
      collect(*model_.graph);
      for (const Function& function : model_.functions) collect(*function.body);
      change();
    }
  }

 private:
  void collect(const Graph& graph) {
    graphs_.push_back(&graph);
    for (Node* node = graph.first_node(); node; node = node->next()) {
      nodes_.push_back(node);
      for_each_subgraph(*node, [&](const Graph& body) { collect(body); });
    }
  }

  void change() {
    if (nodes_.empty()) return;
    Node& node = *random_.one_of(nodes_);
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
        return damage_attribute(node);
      case 3:
        return borrow_attribute(node);
      case 4:
      case 5:
      case 6:
        return damage_constant();
      case 7:
        return rewire(node);
      case 8:
        return node.graph().resize_inputs(&node, random_.below(6));
      case 9:
        return damage_type();
      case 10:
        return become_another(node);
      default:
        model_.opset_imports.set(node.domain(), static_cast<int64_t>(1 + random_.below(28)));
    }
  }

  void damage_attribute(Node& node) {
    if (node.attributes().empty()) return borrow_attribute(node);
    Attribute& attribute = node.attributes()[random_.below(node.attributes().size())];
    if (random_.one_in(8)) return node.erase_attribute(std::string(attribute.name()));
    if (auto* constant = attribute.as<Constant>()) {
      if (Tensor other = damaged(constant->tensor, random_); other.defined())
        node.set_attribute(attribute.name(), Attribute::Content(Boxed<Constant>(Constant{other, "", {}})));
      return;
    }
    damage_content(attribute.content(), random_);
    // Kinds are told by the attribute itself. Its place stays: another before it may have the same name.
    attribute = Attribute(std::string(attribute.name()), std::move(attribute.content()));
  }

  void borrow_attribute(Node& node) {
    const Node& other = *random_.one_of(nodes_);
    if (other.attributes().empty()) return;
    const Attribute& attribute = random_.one_of(other.attributes());
    // A graph that captures values of its place cannot stand elsewhere.
    if (!attribute.as<std::unique_ptr<Graph>>() && !attribute.as<Attribute::Graphs>())
      node.set_attribute(attribute.clone());
  }

  void damage_constant() {
    const Graph& graph = *random_.one_of(graphs_);
    const std::vector<Value*> constants = graph.initializers();
    if (constants.empty()) return;
    Value* value = random_.one_of(constants);
    Tensor other = damaged(*value->initializer(), random_);
    if (other.defined()) value->graph().set_initializer(value, {std::move(other), value->name(), {}});
  }

  void rewire(Node& node) {
    if (node.inputs().empty()) return;
    std::vector<Value*> values{nullptr};
    for (Value* value = node.graph().first_value(); value; value = Graph::next_value(value))
      values.push_back(value);
    node.graph().set_input(&node, random_.below(node.inputs().size()), random_.one_of(values));
  }

  void damage_type() {
    const Graph& graph = *random_.one_of(graphs_);
    if (graph.inputs().empty()) return;
    Value* input = random_.one_of(graph.inputs());
    const Dims dims = some_dims(random_);
    Shape shape(dims.begin(), dims.end());
    if (!shape.empty() && random_.one_in(2)) shape[random_.below(shape.size())] = Dim::symbol("n");
    const DataType type = input->type().is_tensor() && !random_.one_in(4) ? input->type().element_type()
                                                                          : random_.one_of(kTypes);
    input->set_type(random_.one_in(8) ? Type() : Type::tensor(type, shape));
  }

  void become_another(Node& node) {
    static const std::vector<const ops::Operator*> operators = ops::standard_operators().all();
    const ops::Operator& other = *random_.one_of(operators);
    node.graph().set_op_type(&node, std::string(other.name), std::string(other.domain));
    model_.opset_imports.set(other.domain, other.domain.empty() ? kNewestOpset : other.since_version);
  }

  Model& model_;
  Mutator& random_;
  std::vector<Node*> nodes_;
  std::vector<const Graph*> graphs_;
};

}  // namespace slipway::hostile
