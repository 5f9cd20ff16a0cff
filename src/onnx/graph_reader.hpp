// Fills a graph from the messages of a file, in the order that references need: first everything that gets a
// name, then the nodes that use names. Shared by GraphProto and FunctionProto, which differ in how they state
// inputs and outputs.
#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "onnx/read_context.hpp"
#include "onnx/read_type.hpp"

namespace slipway {

class GraphReader {
 public:
  GraphReader(Graph& graph, ReadContext& context) : graph_(graph), context_(context) {}

  // --- in this order ---
  void add_input(const ValueInfo& info);
  // Of a function: what is known about it stands among the value_info entries, if anywhere.
  void add_parameter(std::string_view name);
  void add_initializer(std::string_view tensor_message);
  void add_sparse_initializer(std::string_view sparse_tensor_message);
  // Makes values for all outputs of all nodes, then the nodes.
  void add_nodes(const std::vector<std::string_view>& node_messages);
  void add_output(std::string_view name);
  // Types of outputs and of values in between. `order` counts the value_info entries from 1; 0 for outputs.
  // False when the entry has to be kept by the graph: it belongs to no value here, or the value has another.
  bool set_value_info(const ValueInfo& info, uint32_t order);

 private:
  Value* new_value(std::string_view name, const char* what);
  void set_initializer(std::string_view name, Constant constant);
  void declare_outputs(std::string_view node_message);
  void add_node(std::string_view node_message);

  Graph& graph_;
  ReadContext& context_;
};

}  // namespace slipway
