// A tensor as a part of a storage, by sizes and strides that a file states.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::torch {

// `offset` and `strides` in elements. Throws kInvalidModel when sizes or strides are impossible or reach
// outside of the storage.
Tensor view_of(const std::shared_ptr<Buffer>& storage, DataType type, int64_t offset, const Dims& sizes,
               const Dims& strides);

// Copies of views whose elements do not lie in memory in their order. A view may repeat what little memory a
// file has for it: throws kOutOfMemory beyond kMostRepeatedBytes in all.
class ContiguousCopies {
 public:
  static constexpr size_t kMostRepeatedBytes = size_t{1} << 28;
  // The tensor itself where it needs no copy.
  Tensor of(const Tensor& tensor);

 private:
  size_t repeated_ = 0;
};

}  // namespace slipway::torch
