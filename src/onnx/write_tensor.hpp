// TensorProto and SparseTensorProto.
#pragma once

#include <string_view>

#include "graph/attribute.hpp"
#include "onnx/message_writer.hpp"
#include "onnx/write_context.hpp"

namespace slipway {

// Elements as raw_data (strings as string_data), in an external file when the context has one and they are
// large, or where they are when they were never loaded. An initializer is called as its value is.
MessageWriter write_tensor(const Constant& constant, std::string_view name, WriteContext& context);

MessageWriter write_sparse_tensor(const SparseTensor& sparse, std::string_view name, WriteContext& context);

}  // namespace slipway
