// One node on its way to a newer operator set: what a rule of rules.cpp sees of it and may do to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "ops/graph_inference.hpp"

namespace slipway {

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
  void set_input(size_t index, Value* value) { node_->graph().set_input(node_, index, value); }
  // A node in front of this one.
  Node* insert(std::string op_type, std::vector<Value*> inputs, size_t output_count = 1);
  // From now on this operator makes this node's output `index`, in front of the node.
  Node* make_output(size_t index, std::string op_type, std::vector<Value*> inputs);
  // The node becomes another operator; attributes and outputs stay.
  void become(std::string op_type, const std::vector<Value*>& inputs);
  void drop_outputs_from(size_t count);  // they must be unused

  // Throws kUnsupported.
  [[noreturn]] void refuse(std::string_view reason) const;

 private:
  template <typename T>
  std::optional<T> take(std::string_view attribute);

  Node* node_;
  int64_t written_for_;
  const ops::GraphInference& types_;
};

}  // namespace slipway
