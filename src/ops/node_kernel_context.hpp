// A kernel's view of one node whose inputs' values are at hand in a list: for running a node by its reference
// kernel outside of any executor.
#pragma once

#include <span>
#include <vector>

#include "ops/kernel_context.hpp"

namespace slipway::ops {

class NodeKernelContext : public KernelContext {
 public:
  // One value per input of the node, empty where it is absent; they stay alive as long as the context.
  NodeKernelContext(const Node& node, std::span<const RuntimeValue> inputs);

  const Node& node() const override { return node_; }
  const RuntimeValue& value(size_t index) const override { return inputs_[index]; }
  Tensor& make_output(size_t index, DataType type, Dims dims) override;
  Tensor allocate(DataType type, Dims dims) override { return Tensor(type, std::move(dims)); }
  void set_output(size_t index, RuntimeValue value) override;
  // Throws kUnsupported: there is nobody here who could.
  std::vector<RuntimeValue> run_subgraph(const Graph& body, std::span<const RuntimeValue> inputs) override;

  // One value per output of the node, empty where the kernel made none.
  std::vector<RuntimeValue> take_outputs() { return std::move(outputs_); }

 private:
  const Node& node_;
  std::span<const RuntimeValue> inputs_;
  std::vector<RuntimeValue> outputs_;
};

}  // namespace slipway::ops
