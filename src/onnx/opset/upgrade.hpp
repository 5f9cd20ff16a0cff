// One node on its way to a newer operator set: what a rule of rules.cpp sees of it and may do to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/graph.hpp"
#include "ops/graph_inference.hpp"

namespace slipway {

// An attribute of a node that a rule makes: {"axis", -1}, {"mode", "edge"}, {"perm", axes}.
struct Setting {
  using Content = std::variant<int64_t, float, std::string, std::vector<int64_t>>;
  Setting(const char* key, int number) : name(key), content(int64_t{number}) {}
  Setting(const char* key, int64_t number) : name(key), content(number) {}
  Setting(const char* key, float number) : name(key), content(number) {}
  Setting(const char* key, const char* text) : name(key), content(std::string(text)) {}
  Setting(const char* key, std::vector<int64_t> numbers) : name(key), content(std::move(numbers)) {}

  const char* name;
  Content content;
};
using Settings = std::vector<Setting>;

class Upgrade {
 public:
  // `types` knows what has been inferred of the nodes in front.
  Upgrade(Node* node, int64_t written_for, const ops::GraphInference& types)
      : node_(node), written_for_(written_for), types_(types) {}

  Node& node() const { return *node_; }
  // The opset that the file states: some defaults depend on it.
  int64_t written_for() const { return written_for_; }

  // Nothing where it is not known.
  std::optional<size_t> rank(const Value* value) const;
  std::optional<Shape> shape(const Value* value) const;
  DataType element_type(const Value* value) const;
  const Tensor* constant(const Value* value) const { return value ? types_.constant(value) : nullptr; }

  // The attribute's content, which is gone from the node then; nothing when there was none.
  std::optional<std::vector<int64_t>> take_ints(std::string_view attribute);
  std::optional<std::vector<float>> take_floats(std::string_view attribute);
  std::optional<int64_t> take_int(std::string_view attribute);
  std::optional<float> take_float(std::string_view attribute);
  std::optional<std::string> take_string(std::string_view attribute);

  Value* add_constant(Tensor tensor);
  Value* add_list(const std::vector<int64_t>& elements);             // i64 [n]
  Value* add_scalar_like(const Value* model_of_type, float number);  // of its element type; f32 if unknown
  Value* add_number(int64_t number) { return add_constant(Tensor::scalar(number)); }
  void set_input(size_t index, Value* value) { node_->graph().set_input(node_, index, value); }
  // A node in front of this one.
  Node* insert(std::string op_type, std::vector<Value*> inputs, size_t output_count = 1);
  // The same, with one output, which it returns.
  Value* make(std::string op_type, std::vector<Value*> inputs, const Settings& settings = {});
  // The same; this node's attributes become its attributes.
  Value* make_inheriting(std::string op_type, std::vector<Value*> inputs);
  // From now on this operator makes this node's output `index`, in front of the node.
  Node* make_output(size_t index, std::string op_type, std::vector<Value*> inputs);
  // The node becomes another operator; attributes and outputs stay.
  void become(std::string op_type, const std::vector<Value*>& inputs);
  void drop_outputs_from(size_t count);  // throws kInvalidModel when one of them is used
  // Another node has taken over all outputs. Throws kInvalidModel when an attribute or a used output is left:
  // the operator has none of that name.
  void replace_by(Node* other);
  // This node's only output is `value`: it becomes the node that makes it, if a rule has just made that one.
  // Throws as replace_by().
  void finish(Value* value);

  // Throws kUnsupported.
  [[noreturn]] void refuse(std::string_view reason) const;

 private:
  template <typename T>
  std::optional<T> take(std::string_view attribute);
  void require_unused_from(size_t output) const;
  void require_no_attributes() const;

  Node* node_;
  int64_t written_for_;
  const ops::GraphInference& types_;
};

}  // namespace slipway
