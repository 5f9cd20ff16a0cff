// GraphProto, NodeProto, AttributeProto and FunctionProto.
#pragma once

#include "graph/model.hpp"
#include "onnx/message_writer.hpp"
#include "onnx/write_context.hpp"

namespace slipway {

MessageWriter write_graph(const Graph& graph, WriteContext& context);
MessageWriter write_node(const Node& node, WriteContext& context);
MessageWriter write_attribute(const Attribute& attribute, WriteContext& context);
MessageWriter write_function(const Function& function, WriteContext& context);

}  // namespace slipway
