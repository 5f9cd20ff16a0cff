// What an exported program says of a tensor ("TensorMeta" in PyTorch's schema) and of a size ("SymInt").
#pragma once

#include "torch/ir/value.hpp"
#include "torch/json.hpp"
#include "torch/program/expression.hpp"

namespace slipway::torch {

// Throw kInvalidModel; kUnsupported for sparse tensors and element types that ONNX has not.
ir::TensorMeta read_tensor_meta(const Json& meta, SympyExpressions& expressions);
// {"as_int": 3}, the number alone in older files, or {"as_expr": {"expr_str": "Symbol('s0', …)", …}}
Dim read_size(const Json& size, SympyExpressions& expressions);

}  // namespace slipway::torch
