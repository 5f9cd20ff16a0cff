// Copies graphs: as a whole, into another graph, or node by node.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "graph/graph.hpp"

namespace slipway {

// Copies a graph with what is inside it. Values of the copied graphs are mapped to their copies, others stay.
class GraphCloner {
 public:
  // `prefix` goes before the names of all copied nodes and values.
  explicit GraphCloner(std::string prefix = "") : prefix_(std::move(prefix)) {}

  std::unique_ptr<Graph> graph(const Graph& from, Node* owner) {
    auto to = std::make_unique<Graph>(from.name(), owner);
    to->preserved = from.preserved;
    for (Value* value = from.first_value(); value; value = Graph::next_value(value)) copy_value(*value, *to);
    for (Value* value : from.inputs()) to->make_input(mapped(value));
    for (Value* value : from.initializers()) copy_constant(*value, *to);
    copy_nodes(from, *to, nullptr);
    for (Value* value : from.outputs()) to->add_output(mapped(value));
    return to;
  }

  // The graph's constants and nodes into another graph, before `position`. `inputs` stand for the graph's
  // inputs, nullptr for absent ones. Returns what stands for its outputs.
  std::vector<Value*> splice(const Graph& from, std::span<Value* const> inputs, Graph& to, Node* position) {
    for (size_t i = 0; i < from.inputs().size(); ++i)
      copies_.emplace(from.inputs()[i], i < inputs.size() ? inputs[i] : nullptr);
    for (Value* value = from.first_value(); value; value = Graph::next_value(value))
      if (!value->is_graph_input()) copy_value(*value, to);
    for (Value* value : from.initializers())
      if (!value->is_graph_input()) copy_constant(*value, to);
    copy_nodes(from, to, position);
    return mapped(std::span<Value* const>(from.outputs()));
  }

  // From now on copies read `copy` in place of `value`.
  void substitute(const Value* value, Value* copy) { copies_.insert_or_assign(value, copy); }
  // What copies read in place of `value`.
  Value* substitute_of(Value* value) const { return mapped(value); }

  // One node into `to`, before `position`. Its outputs are new values that take the old ones' place in
  // copies.
  Node* node(const Node& from, Graph& to, Node* position) {
    for (const Value* output : from.outputs()) {
      if (!output) continue;
      copies_.erase(output);
      copy_value(*output, to);
    }
    return copy_node(from, to, position);
  }

  Attribute attribute(const Attribute& from, Node* owner) {
    if (from.is_reference()) {
      Attribute copy = Attribute::reference(from.name(), from.parameter(), from.kind());
      copy.preserved = from.preserved;
      return copy;
    }
    Attribute copy(from.name(),
                   std::visit([&](const auto& content) { return copied(content, owner); }, from.content()));
    copy.preserved = from.preserved;
    return copy;
  }

 private:
  template <typename T>
  Attribute::Content copied(const T& content, Node*) {
    return content;
  }
  Attribute::Content copied(const std::unique_ptr<Graph>& inner, Node* owner) { return graph(*inner, owner); }
  Attribute::Content copied(const Attribute::Graphs& inner, Node* owner) {
    Attribute::Graphs copies;
    for (const auto& one : inner) copies.push_back(graph(*one, owner));
    return copies;
  }

  Value* mapped(Value* value) const {
    const auto found = copies_.find(value);
    return found == copies_.end() ? value : found->second;
  }

  std::vector<Value*> mapped(std::span<Value* const> values) const {
    std::vector<Value*> result(values.size(), nullptr);
    for (size_t i = 0; i < values.size(); ++i)
      if (values[i]) result[i] = mapped(values[i]);
    return result;
  }

  void copy_value(const Value& from, Graph& to) {
    Value* copy = to.add_value(prefixed(from.name()), from.type());
    copy->file_type = from.file_type;
    copy->declared_order = from.declared_order;
    copies_.emplace(&from, copy);
  }

  void copy_constant(const Value& from, Graph& to) {
    Value* copy = copies_.at(&from);
    to.set_initializer(copy, *from.initializer_entry());
    copy->set_type(from.type());
    copy->file_type = from.file_type;
  }

  void copy_nodes(const Graph& from, Graph& to, Node* position) {
    for (const Node* node = from.first_node(); node; node = node->next()) copy_node(*node, to, position);
  }

  std::string prefixed(const std::string& name) const { return name.empty() ? name : prefix_ + name; }

  Node* copy_node(const Node& from, Graph& to, Node* position) {
    Node* copy = to.add_node_with_outputs(from.op_type(), mapped(from.inputs()), mapped(from.outputs()),
                                          from.domain(), prefixed(from.name()), position);
    copy->set_overload(from.overload());
    copy->metadata = from.metadata;
    copy->preserved = from.preserved;
    copy->attributes().reserve(from.attributes().size());
    for (const Attribute& one : from.attributes()) copy->attributes().push_back(attribute(one, copy));
    return copy;
  }

  std::string prefix_;
  std::unordered_map<const Value*, Value*> copies_;
};

}  // namespace slipway
