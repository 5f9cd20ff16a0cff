#include "torch/aten/scan_body.hpp"

namespace slipway::torch::aten {

Value* Body::input(const char* name, DataType type) {
  return graph->add_input(name, Type::tensor(type));
}

std::vector<Value*> Body::emit_several(const char* op_type, std::vector<Value*> inputs, size_t output_count,
                                       const Attributes& attributes) {
  Node* node = graph->add_node(op_type, std::move(inputs), output_count);
  for (const auto& [name, value] : attributes) node->set_attribute(name, value.content());
  return {node->outputs().begin(), node->outputs().end()};
}

Value* Body::emit(const char* op_type, std::vector<Value*> inputs, const Attributes& attributes) {
  return emit_several(op_type, std::move(inputs), 1, attributes).front();
}

// An output is made by a node of the graph, and is no other output.
void Body::output(Value* value) {
  graph->add_output(value->producer() && !value->is_graph_output() ? value : emit("Identity", {value}));
}

std::vector<Value*> scan(Conversion& c, Body body, std::vector<Value*> inputs, size_t states,
                         const Scanning& scanning) {
  const size_t scanned = inputs.size() - states, outputs = body.graph->outputs().size();
  Attributes attributes = {{"num_scan_inputs", scanned}};
  const auto set = [&](const char* name, size_t count, int64_t number) {
    if (number != 0) attributes.emplace_back(name, std::vector<int64_t>(count, number));
  };
  set("scan_input_axes", scanned, scanning.axis);
  set("scan_output_axes", outputs - states, scanning.axis);
  set("scan_input_directions", scanned, scanning.backwards);
  set("scan_output_directions", outputs - states, scanning.backwards);
  const auto made = c.emit_several("Scan", std::move(inputs), outputs, attributes);
  made.front()->producer()->set_attribute("body", std::move(body.graph));
  return made;
}

}  // namespace slipway::torch::aten
