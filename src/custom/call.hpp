// What slipway_op_call is behind the interface: one call of a library's function. The base knows the node and
// its attributes and keeps the first error; what can be done in infer, flops and run is TypesCall's and
// RunCall's. Every method may throw Error: the functions of the API table, call_table(), catch it and keep
// it.
#pragma once

#include <deque>
#include <optional>

#include "base/error.hpp"
#include "graph/node.hpp"
#include "ops/operator.hpp"
#include "slipway/custom_op.h"
#include "tensor/tensor.hpp"

namespace slipway::custom {

// Sizes as C sees them: behind the last come negative ones, so that who asks for an axis that is not there
// reads no foreign memory.
std::vector<int64_t> padded_dims(std::vector<int64_t> dims);

// A tensor as C sees it. It stays where it is made, and reads from `tensor`, which outlives it.
struct TensorView : slipway_op_tensor {
  explicit TensorView(const Tensor& viewed);
  TensorView(const TensorView&) = delete;
  TensorView& operator=(const TensorView&) = delete;
  const Tensor* tensor;
  std::vector<int64_t> padded;
};

// The statuses of the interface are those of Error, in order.
ErrorCode code_of(slipway_status status);
slipway_status status_of(ErrorCode code);

// The functions that every call gets.
const slipway_op_api& call_table();

}  // namespace slipway::custom

struct slipway_op_call {
 public:
  // `function` is the library's function that is called: "infer".
  slipway_op_call(const slipway::ops::Operator& schema, const slipway::Node& node, const char* function)
      : schema_(schema), node_(node), function_(function) {}
  virtual ~slipway_op_call() = default;
  slipway_op_call(const slipway_op_call&) = delete;
  slipway_op_call& operator=(const slipway_op_call&) = delete;

  // The first error counts.
  void keep(slipway::Error error);
  const std::optional<slipway::Error>& error() const { return error_; }
  // Throws the error if there is one, and for another status than SLIPWAY_OK.
  void check(slipway_status returned) const;

  // Inputs and outputs are only there where they belong to the call: a state is made from attributes alone.
  size_t input_count() const { return seen_node("input_count").inputs().size(); }
  size_t output_count() const { return seen_node("output_count").outputs().size(); }
  bool wants_output(size_t index) const { return seen_node("wants_output").output(index) != nullptr; }
  // nullptr when the node does not have it. Throws when the schema does not, or has it with another kind.
  template <typename T>
  const T* attribute(const char* name, slipway::Attribute::Kind kind) {
    const slipway::Attribute* found = find_attribute(name, kind);
    return found ? found->as<T>() : nullptr;
  }
  bool has_attribute(const char* name);
  const slipway_op_tensor* attribute_tensor(const char* name);
  // The element of a tensor that this call gave away.
  virtual const slipway::Text& string(const slipway_op_tensor* tensor, size_t index) const;

  // What a derived call does not have throws.
  virtual const slipway_op_type* input_type(size_t index);
  virtual const slipway_op_type* output_type(size_t index);
  virtual const slipway_op_tensor* input_constant(size_t index);
  virtual void set_shape(size_t output, const int64_t* dims, int32_t rank);
  virtual void set_shape_like(size_t output, size_t input);
  virtual void set_element_type(size_t output, slipway_element_type type);
  virtual const slipway_op_tensor* input(size_t index);
  virtual void* output(size_t index);
  virtual void* output_of_shape(size_t index, const int64_t* dims, size_t rank);
  virtual void set_string(size_t output, size_t index, const char* text, size_t length);

 protected:
  // Does the call belong to one node, and not to all that have its attributes?
  virtual bool is_of_one_node() const { return false; }
  const slipway::ops::Operator& schema() const { return schema_; }
  const slipway::Node& node() const { return node_; }
  // Throw when neither the node nor the schema has such an input or output.
  void check_input(size_t index) const;
  void check_output(size_t index) const;
  const slipway_op_tensor* view(const slipway::Tensor& tensor) { return &views_.emplace_back(tensor); }
  [[noreturn]] void misplaced(const char* function) const;

 private:
  const slipway::Node& seen_node(const char* function) const;
  const slipway::Attribute* find_attribute(const char* name,
                                           std::optional<slipway::Attribute::Kind> kind) const;

  const slipway::ops::Operator& schema_;
  const slipway::Node& node_;
  const char* function_;
  std::optional<slipway::Error> error_;
  std::deque<slipway::custom::TensorView> views_;
};
