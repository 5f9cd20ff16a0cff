// TensorProto and SparseTensorProto.
#pragma once

#include <string_view>

#include "graph/attribute.hpp"
#include "onnx/read_context.hpp"

namespace slipway {

// Elements are a view of `context.source` or of an external file where they can be, else a copy. Throws
// kInvalidModel, with the tensor's name, when data and dimensions do not fit together.
Constant read_tensor(std::string_view message, ReadContext& context);

// The number of elements. Throws kInvalidModel for negative dimensions, too many of them, and products that
// no memory can hold.
int64_t checked_element_count(DataType type, const Dims& dims);

// Indices are checked to lie inside `dims`.
SparseTensor read_sparse_tensor(std::string_view message, ReadContext& context);

// The tensor that a sparse initializer stands for. Throws kOutOfMemory when it grows beyond the limits.
Tensor dense_from(const SparseTensor& sparse, ReadContext& context);

}  // namespace slipway
