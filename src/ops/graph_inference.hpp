// The walk over a graph that infer_types() makes: node by node in topological order, into bodies and
// functions, with what has been learnt so far.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "graph/model.hpp"
#include "ops/infer_types.hpp"

namespace slipway::ops {

class GraphInference {
 public:
  // `call_depth`: how many function calls lie around this graph.
  GraphInference(const Registry& registry, std::span<const Function> functions, int call_depth = 0)
      : registry_(registry), functions_(functions), call_depth_(call_depth) {}

  // The whole of a graph. What is known of the inputs must have been set before.
  void infer(const Graph& graph);
  // One node; those that make its inputs come first.
  void infer_node(const Node& node);
  // What is known of a node's outputs: before the node is erased, and others come to lie where they lay.
  void forget(const Node& node);
  // A body of a node, its inputs of the given types; returns its outputs' types.
  std::vector<Type> infer_body(const Graph& body, const std::vector<Type>& input_types);

  const Type& type(const Value* value) const { return known_.type(value); }
  const Tensor* constant(const Value* value) const { return known_.constant(value); }
  // Of small integer tensors of rank 0 or 1, see InferenceContext::input_elements.
  std::optional<Shape> elements(const Value* value) const;
  // How many graphs lie around one: those that hold it, and those around the call that it is the body of.
  int nesting_of(const Graph& graph) const;

  // What the file states is merged in.
  void set_type(const Value& value, const Type& inferred);
  void replace_type(const Value& value, Type type) { known_.types_[&value] = std::move(type); }
  void set_constant(const Value& value, Tensor tensor);
  void set_elements(const Value& value, Shape elements);

  InferredTypes take() { return std::move(known_); }

 private:
  void infer_operator(const Operator& definition, const Node& node);
  void infer_call(const Function& function, const Node& node);
  void fold(const Operator& definition, const Node& node);
  std::vector<RuntimeValue> compute_small(const Operator& definition, const Node& node) const;
  bool is_foldable(const Operator& definition, const Node& node) const;

  const Registry& registry_;
  std::span<const Function> functions_;
  int call_depth_;
  int outer_nesting_ = 0;  // of the call
  InferredTypes known_;
  std::unordered_map<const Value*, Shape> elements_;
};

}  // namespace slipway::ops
