// One node on its way to another operator set: what a rule of upgrade_rules.cpp or downgrade_rules.cpp sees
// of it and may do to it.
#pragma once

#include <fmt/format.h>

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

class NodeConversion {
 public:
  // `types` knows what has been inferred of the nodes in front.
  NodeConversion(Node* node, int64_t written_for, int64_t target, const ops::GraphInference& types)
      : node_(node), written_for_(written_for), target_(target), types_(types) {}

  // Not after erase_node().
  Node& node() const { return *node_; }
  bool is_erased() const { return node_ == nullptr; }
  // The opset that the file states: some defaults depend on it.
  int64_t written_for() const { return written_for_; }
  int64_t target() const { return target_; }

  // Nothing where it is not known.
  std::optional<size_t> rank(const Value* value) const;
  std::optional<Shape> shape(const Value* value) const;
  const Type& type(const Value* value) const { return types_.type(value); }
  DataType element_type(const Value* value) const;
  std::optional<Shape> elements(const Value* value) const { return types_.elements(value); }
  const Tensor* constant(const Value* value) const { return value ? types_.constant(value) : nullptr; }

  // A constant input's list of integers; nothing when the input is absent or computed.
  std::optional<std::vector<int64_t>> integers(size_t input) const;
  // A constant input's only element; the same.
  std::optional<float> number(size_t input) const;

  // Counted from the front. Refuses what lies outside the rank.
  std::vector<int64_t> from_the_front(std::vector<int64_t> axes, size_t rank) const;

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
  // Of its element type, whichever that is. Refuses where the type is not known.
  Value* add_number_like(const Value* model_of_type, float number);
  // A node in front of this one.
  Node* insert(std::string op_type, std::vector<Value*> inputs, size_t output_count = 1);
  // The same, with one output, which it returns.
  Value* make(std::string op_type, std::vector<Value*> inputs, const Settings& settings = {});
  // The same; this node's attributes become its attributes.
  Value* make_inheriting(std::string op_type, std::vector<Value*> inputs);
  // From now on this operator makes this node's output `index`, in front of the node.
  Node* make_output(size_t index, std::string op_type, std::vector<Value*> inputs,
                    const Settings& settings = {});
  // The node becomes another operator; attributes and outputs stay.
  void become(std::string op_type, const std::vector<Value*>& inputs);
  void drop_outputs_from(size_t count);  // throws kInvalidModel when one of them is used
  // Another node has taken over all outputs. Throws kInvalidModel when an attribute or a used output is left:
  // the operator has none of that name.
  void replace_by(Node* other);
  // This node's only output is `value`: it becomes the node that makes it, if a rule has just made that one.
  // Throws as replace_by().
  void finish(Value* value);
  void drop_inputs_from(size_t count);
  // Inputs of this node that it has no more: what made them may be of no use now.
  const std::vector<Value*>& dropped_inputs() const { return dropped_inputs_; }
  // For a node whose outputs others make now.
  void erase_node();

  // Throws kUnsupported.
  [[noreturn]] void refuse(std::string_view reason) const;

 private:
  template <typename T>
  std::optional<T> take(std::string_view attribute);
  void require_unused_from(size_t output) const;
  void require_no_attributes() const;

  Node* node_;
  int64_t written_for_;
  int64_t target_;
  const ops::GraphInference& types_;
  std::vector<Value*> dropped_inputs_;
};

}  // namespace slipway
