// GraphProto and the graph-like part of FunctionProto.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "graph/model.hpp"
#include "onnx/read_context.hpp"

namespace slipway {

// Reads a GraphProto into an empty graph that knows its owner already, so that names of the graphs around it
// can be found.
void read_graph(std::string_view message, Graph& graph, ReadContext& context);
std::unique_ptr<Graph> read_subgraph(std::string_view message, Node* owner, ReadContext& context);

Function read_function(std::string_view message, ReadContext& context);

// The domain and version of an OperatorSetIdProto; "ai.onnx" is "".
std::pair<std::string, int64_t> read_opset_import(std::string_view message);

}  // namespace slipway
