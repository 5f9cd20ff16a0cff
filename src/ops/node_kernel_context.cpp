#include "ops/node_kernel_context.hpp"

#include "base/error.hpp"
#include "graph/graph.hpp"
#include "tensor/packed.hpp"

namespace slipway::ops {

NodeKernelContext::NodeKernelContext(const Node& node, std::span<const RuntimeValue> inputs)
    : node_(node), inputs_(inputs), outputs_(node.outputs().size()) {
  if (inputs.size() != node.inputs().size())
    fail(ErrorCode::kInternal, "{} has {} inputs, but {} values were given", node.describe(),
         node.inputs().size(), inputs.size());
}

Tensor& NodeKernelContext::make_output(size_t index, DataType type, Dims dims) {
  set_output(index, allocate(type, std::move(dims)));
  Tensor& made = outputs_[index].tensor();
  clear_padding(made);
  return made;
}

void NodeKernelContext::set_output(size_t index, RuntimeValue value) {
  if (index >= outputs_.size())
    fail(ErrorCode::kInternal, "{} has {} outputs, but its kernel makes number {}", node_.describe(),
         outputs_.size(), index);
  outputs_[index] = std::move(value);
}

std::vector<RuntimeValue> NodeKernelContext::run_subgraph(const Graph& body, std::span<const RuntimeValue>) {
  fail(ErrorCode::kUnsupported, "graph '{}' cannot be run here", body.name());
}

}  // namespace slipway::ops
