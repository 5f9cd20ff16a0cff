// Constants of many elements, computed one by one.
#pragma once

#include <cmath>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "tensor/tensor.hpp"

namespace slipway::torch::aten {

// A tensor of `type` whose element i (in the order of memory) is element(i), a number that is cast to the
// type.
template <typename Element>
Tensor element_list(DataType type, const Dims& dims, const Element& element) {
  Tensor tensor(type, dims);
  ops::dispatch<ops::Join<ops::Numbers, ops::Elements<bool>>>(type, [&]<typename T>(ops::ElementType<T>) {
    auto elements = tensor.data<T>();
    for (int64_t i = 0; i < tensor.count(); ++i) {
      const auto number = element(i);
      if constexpr (std::is_same_v<T, bool>)
        elements[static_cast<size_t>(i)] = number != 0;
      else if constexpr (std::is_arithmetic_v<T>)
        elements[static_cast<size_t>(i)] = static_cast<T>(number);
      else
        elements[static_cast<size_t>(i)] = T(static_cast<float>(number));
    }
  });
  return tensor;
}

}  // namespace slipway::torch::aten
