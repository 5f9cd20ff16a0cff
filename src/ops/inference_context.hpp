// What an operator's inference sees of a node: the types of its inputs and, where they are known before
// running, the values; and where it states what comes out.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "graph/node.hpp"
#include "tensor/tensor.hpp"
#include "tensor/type.hpp"

namespace slipway::ops {

class InferenceContext {
 public:
  virtual ~InferenceContext() = default;

  virtual const Node& node() const = 0;
  size_t input_count() const { return node().inputs().size(); }
  size_t output_count() const { return node().outputs().size(); }
  bool has_input(size_t index) const { return node().input(index) != nullptr; }

  // Type::Kind::kNone when absent or unknown.
  virtual const Type& input_type(size_t index) const = 0;
  // The input's value if it is a constant (an initializer or folded); else nullptr.
  virtual const Tensor* input_constant(size_t index) const = 0;
  // The elements of a small 0- or 1-dimensional integer input, as far as they are known: constants as
  // numbers, results of shape arithmetic as symbols. Nothing when not even the number of elements is known.
  virtual std::optional<Shape> input_elements(size_t index) const = 0;

  virtual void set_output_type(size_t index, Type type) = 0;
  virtual void set_output_elements(size_t index, Shape elements) = 0;

  // Infers a body (If, Loop, Scan) for the given types of its inputs; returns the types of its outputs. May
  // be called again with other types: the last call counts.
  virtual std::vector<Type> infer_subgraph(const Graph& body, const std::vector<Type>& input_types) = 0;

  // In how many bodies this node lies. A rule that infers its body more than once does so only at small
  // depths, or else the work doubles with each.
  virtual int nesting() const = 0;

  // The input's shape when it is a tensor whose rank is known.
  const std::optional<Shape>& input_shape(size_t index) const;
  DataType input_element_type(size_t index) const { return input_type(index).element_type(); }
  // A constant input's list of integers, see read_integers().
  std::optional<std::vector<int64_t>> input_integers(size_t index, const char* what) const;
};

// Common rules.
void infer_like_first_input(InferenceContext& context);  // output 0 has input 0's type and shape
// NumPy's rule for the shapes of all inputs: the shape of the result. Throws kInvalidModel when they do not
// match.
std::optional<Shape> broadcast_input_shapes(const InferenceContext& context);
Shape broadcast(const Shape& a, const Shape& b);
// An axis attribute within [-rank, rank) as one within [0, rank). Throws kInvalidModel.
size_t normalize_axis(int64_t axis, size_t rank, const char* what = "axis");
// The element type whose number (of TensorProto.DataType) an attribute holds. Throws kInvalidModel when it is
// the number of none.
DataType type_attribute(const Node& node, std::string_view name, DataType otherwise);

}  // namespace slipway::ops
