// A tensor as a part of a storage, by sizes and strides that a file states.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::torch {

// `offset` and `strides` in elements. Throws kInvalidModel when sizes or strides are impossible or reach
// outside of the storage.
Tensor view_of(const std::shared_ptr<Buffer>& storage, DataType type, int64_t offset, const Dims& sizes,
               const Dims& strides);

}  // namespace slipway::torch
