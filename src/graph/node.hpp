// One operator application. Inputs and outputs may be absent (nullptr) where the operator has them optional.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/attribute.hpp"
#include "graph/value.hpp"

namespace slipway {

// ONNX's own domain has two names; this is the short one.
constexpr std::string_view canonical_domain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string_view() : domain;
}

class Node {
 public:
  const std::string& domain() const { return domain_; }  // "" and "ai.onnx" are the same
  const std::string& op_type() const { return op_type_; }
  const std::string& name() const { return name_; }
  const std::string& overload() const { return overload_; }
  void set_name(std::string name) { name_ = std::move(name); }
  void set_overload(std::string overload) { overload_ = std::move(overload); }
  // An operator of ONNX's own domain.
  bool is(std::string_view op_type) const { return op_type_ == op_type && canonical_domain(domain_).empty(); }

  Graph& graph() const { return *graph_; }
  Node* next() const { return next_; }
  Node* previous() const { return previous_; }

  std::span<Value* const> inputs() const { return inputs_; }
  std::span<Value* const> outputs() const { return outputs_; }
  // nullptr when the operator was given fewer, or an empty one in that place.
  Value* input(size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  Value* output(size_t index) const { return index < outputs_.size() ? outputs_[index] : nullptr; }

  const std::vector<Attribute>& attributes() const { return attributes_; }
  std::vector<Attribute>& attributes() { return attributes_; }
  const Attribute* find_attribute(std::string_view name) const;
  // Replaces the attribute of this name, if there is one. Graphs in it become this node's.
  void set_attribute(std::string name, Attribute::Content content);
  void set_attribute(Attribute attribute);
  void erase_attribute(std::string_view name);

  // An attribute's value or what ONNX says its default is. Throws kInvalidModel when it is of another kind.
  int64_t int_attribute(std::string_view name, int64_t otherwise) const;
  float float_attribute(std::string_view name, float otherwise) const;
  std::string string_attribute(std::string_view name, std::string_view otherwise) const;
  std::vector<int64_t> ints_attribute(std::string_view name, std::vector<int64_t> otherwise) const;
  std::vector<float> floats_attribute(std::string_view name, std::vector<float> otherwise) const;

  // "node 'conv1' (Conv)"; an unnamed node is told by its first output. For messages.
  std::string describe() const;

  // What else a model says of the node, key and value: metadata_props, in the file's order.
  std::vector<std::pair<std::string, std::string>> metadata;
  Preserved preserved;

 private:
  friend class Graph;
  Node(Graph* graph, std::string op_type, std::string domain)
      : graph_(graph), op_type_(std::move(op_type)), domain_(std::move(domain)) {}
  template <typename T>
  const T* attribute_as(std::string_view name, const char* kind) const;

  Graph* graph_;
  Node* previous_ = nullptr;
  Node* next_ = nullptr;
  std::string op_type_;
  std::string domain_;
  std::string name_;
  std::string overload_;
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::vector<Attribute> attributes_;
};

}  // namespace slipway
