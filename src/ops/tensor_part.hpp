// A part of a tensor along one axis.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::ops {

// Copies positions [begin, begin + size) of `axis` to `to`, a contiguous tensor of the same type with as many
// elements as the part; its shape does not matter. The part lies inside the tensor: not checked.
void copy_part(const Tensor& from, size_t axis, int64_t begin, int64_t size, Tensor& to);

}  // namespace slipway::ops
