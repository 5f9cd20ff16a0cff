#include "backends/backend.hpp"

namespace slipway::backends {

std::vector<Port> input_ports(const Graph& graph) {
  std::vector<Port> ports;
  for (const Value* input : graph.inputs())
    ports.push_back({input->name(), input->type(), input->initializer() != nullptr});
  return ports;
}

std::vector<Port> output_ports(const Graph& graph) {
  std::vector<Port> ports;
  for (const Value* output : graph.outputs()) ports.push_back({output->name(), output->type(), false});
  return ports;
}

}  // namespace slipway::backends
