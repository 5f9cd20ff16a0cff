// A call of infer or flops: the types of a node's inputs and, in infer, a place to state the outputs'.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "custom/call.hpp"
#include "tensor/type.hpp"

namespace slipway::custom {

// What is known of an input.
struct InputFact {
  bool present = false;
  Type type;
  const Tensor* constant = nullptr;  // its value, where it is known
};

// Sizes as the interface has them: numbers, and negative codes for what is not known. A symbolic size has a
// code of its own in each call, so that an output can be given an input's. Codes lie far apart and far from
// 0: what somebody calculated with one is no code.
class DimCodes {
 public:
  int64_t encode(const Dim& dim);
  // Throws kInternal for a negative number that is no code.
  Dim decode(int64_t code) const;

 private:
  std::vector<Dim> symbols_;
};

class TypesCall : public slipway_op_call {
 public:
  TypesCall(const ops::Operator& schema, const Node& node, const char* function,
            std::vector<InputFact> inputs);

  const slipway_op_type* input_type(size_t index) override;
  const slipway_op_tensor* input_constant(size_t index) override;

 protected:
  bool is_of_one_node() const override { return true; }
  const std::vector<InputFact>& inputs() const { return inputs_; }
  const slipway_op_type* view_type(const Type& type);
  const DimCodes& codes() const { return codes_; }

 private:
  struct TypeView {
    std::vector<int64_t> dims;
    slipway_op_type view;
  };
  std::vector<InputFact> inputs_;
  std::deque<TypeView> views_;
  DimCodes codes_;
};

class InferCall : public TypesCall {
 public:
  InferCall(const ops::Operator& schema, const Node& node, std::vector<InputFact> inputs);

  void set_shape(size_t output, const int64_t* dims, int32_t rank) override;
  void set_shape_like(size_t output, size_t input) override;
  void set_element_type(size_t output, slipway_element_type type) override;

  // One for each output of the schema and of the node; kNone where not even the element type is known. Throws
  // kInternal for element types against the schema.
  std::vector<Type> outputs() const;

 private:
  struct OutputFact {
    std::optional<Shape> shape;
    DataType element_type = DataType::kUndefined;
  };
  OutputFact& fact(size_t output);
  // What inputs of the same constraint say; kUndefined when none is known.
  DataType bound_type(const ops::Parameter& output) const;
  void check_element_type(size_t output, DataType type) const;

  std::vector<OutputFact> outputs_;
};

class FlopsCall : public TypesCall {
 public:
  FlopsCall(const ops::Operator& schema, const Node& node, std::vector<InputFact> inputs,
            std::vector<Type> outputs)
      : TypesCall(schema, node, "flops", std::move(inputs)), outputs_(std::move(outputs)) {}
  const slipway_op_type* output_type(size_t index) override;

 private:
  std::vector<Type> outputs_;
};

}  // namespace slipway::custom
