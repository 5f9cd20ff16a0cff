// Complex tensors as ONNX's operators take them: pairs of reals along one more axis, the last one.
#pragma once

#include "tensor/tensor.hpp"
#include "torch/ir/value.hpp"

namespace slipway::torch::ir {

bool is_complex(DataType type);
// Of real and imaginary part: f32 for complex64, f64 for complex128.
DataType part_type(DataType complex);

// What the tracer would know of the pairs (strides excepted). Other tensors as they are.
TensorMeta as_pairs(const TensorMeta& meta);
// The same memory, of a contiguous tensor. Other tensors as they are.
Tensor as_pairs(const Tensor& tensor);

}  // namespace slipway::torch::ir
