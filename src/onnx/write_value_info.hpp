// The value_info list of a graph or function: entries that came from a file in the file's order, then what is
// known about other values.
#pragma once

#include "graph/graph.hpp"
#include "onnx/message_writer.hpp"
#include "onnx/spellings.hpp"

namespace slipway {

// `kept` holds the entries of field `number` that the reader could give to no value.
void write_value_info(const Graph& graph, uint32_t number, Spellings& kept, MessageWriter& writer);

}  // namespace slipway
