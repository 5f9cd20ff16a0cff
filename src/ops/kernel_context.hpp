// What a reference kernel sees of a run of its node: the inputs' values, a place for the outputs, and a way
// to run the bodies in its attributes.
#pragma once

#include <span>
#include <vector>

#include "graph/node.hpp"
#include "tensor/runtime_value.hpp"

namespace slipway::ops {

class KernelContext {
 public:
  virtual ~KernelContext() = default;

  virtual const Node& node() const = 0;
  size_t input_count() const { return node().inputs().size(); }
  size_t output_count() const { return node().outputs().size(); }
  bool has_input(size_t index) const { return node().input(index) != nullptr; }
  // Is the output there at all, that is: does somebody want it?
  bool wants_output(size_t index) const { return node().output(index) != nullptr; }

  // Only when has_input(index). Tensors are contiguous.
  virtual const RuntimeValue& value(size_t index) const = 0;
  const Tensor& input(size_t index) const { return value(index).tensor(); }
  // The input to change: itself where nobody needs it after this node, else a copy. What value(index)
  // returned before is not valid any more.
  virtual Sequence take_sequence(size_t index) { return value(index).sequence(); }

  // A contiguous, uninitialised output tensor; the reference stays valid during the run. Outputs that the
  // node has no place for (index ≥ output_count()) must not be made. Throws kOutOfMemory.
  virtual Tensor& make_output(size_t index, DataType type, Dims dims) = 0;
  // A contiguous, uninitialised tensor that is no output by itself: an element of a sequence, a row of a
  // loop. Throws kOutOfMemory.
  virtual Tensor allocate(DataType type, Dims dims) = 0;
  // A value that is there already; it may share the memory of an input or an attribute.
  virtual void set_output(size_t index, RuntimeValue value) = 0;

  // Runs a body for one set of inputs; returns its outputs.
  virtual std::vector<RuntimeValue> run_subgraph(const Graph& body, std::span<const RuntimeValue> inputs) = 0;
};

// The elements of a 0- or 1-dimensional i32 or i64 tensor, as attributes that became inputs are read (axes,
// shape, pads). Throws kInvalidArgument for other types and ranks.
std::vector<int64_t> read_integers(const Tensor& tensor, const char* what);

}  // namespace slipway::ops
