// Slice: along each of some axes, elements from a start to an end by a step, as Python slices.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::ops {

// A slice of a contiguous tensor: its shape and where its elements lie, in elements.
struct SliceView {
  Dims dims;
  Dims strides;
  int64_t first = 0;
};

// From the operator's inputs; `axes` and `steps` may be absent. Throws kInvalidArgument for what is no slice.
SliceView slice_view(const Dims& dims, const Tensor& starts, const Tensor& ends, const Tensor* axes,
                     const Tensor* steps);

}  // namespace slipway::ops
