#include <unordered_map>

#include "base/error.hpp"
#include "graph/graph.hpp"

namespace slipway {
namespace {

// Copies a graph with what is inside it. Values of the copied graphs are mapped to their copies, others stay.
class Cloner {
 public:
  std::unique_ptr<Graph> graph(const Graph& from, Node* owner) {
    auto to = std::make_unique<Graph>(from.name(), owner);
    to->preserved = from.preserved;
    for (Value* value = from.first_value(); value; value = Graph::next_value(value)) copy_value(*value, *to);
    for (Value* value : from.inputs()) to->make_input(mapped(value));
    for (Value* value : from.initializers()) {
      Value* copy = mapped(value);
      to->set_initializer(copy, *value->initializer_entry());
      copy->set_type(value->type());
      copy->file_type = value->file_type;
    }
    for (const Node* node = from.first_node(); node; node = node->next()) copy_node(*node, *to);
    for (Value* value : from.outputs()) to->add_output(mapped(value));
    return to;
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
    Value* copy = to.add_value(from.name(), from.type());
    copy->file_type = from.file_type;
    copy->declared_order = from.declared_order;
    copies_.emplace(&from, copy);
  }

  void copy_node(const Node& from, Graph& to) {
    Node* copy = to.add_node_with_outputs(from.op_type(), mapped(from.inputs()), mapped(from.outputs()),
                                          from.domain(), from.name());
    copy->set_overload(from.overload());
    copy->preserved = from.preserved;
    copy->attributes().reserve(from.attributes().size());
    for (const Attribute& one : from.attributes()) copy->attributes().push_back(attribute(one, copy));
  }

  std::unordered_map<const Value*, Value*> copies_;
};

}  // namespace

std::unique_ptr<Graph> clone(const Graph& graph) {
  return Cloner().graph(graph, nullptr);
}

Attribute Attribute::clone() const {
  return Cloner().attribute(*this, nullptr);
}

}  // namespace slipway
