// Constants of many elements, computed one by one.
#pragma once

#include <type_traits>
#include <utility>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "tensor/tensor.hpp"

namespace slipway::torch::aten {

// Longer lists are nobody's: a number in a file must not become one.
inline constexpr int64_t kLongestConstant = int64_t{1} << 24;

// The number as T. Throws kInvalidModel for a real one that a whole T cannot hold.
template <typename T, typename Number>
T element_of(Number number) {
  if constexpr (std::is_integral_v<T> && std::is_floating_point_v<Number>)
    if (!(number > -0x1p63 && number < 0x1p63) || !std::in_range<T>(static_cast<int64_t>(number)))
      fail(ErrorCode::kInvalidModel, "{} is no element of a tensor of whole numbers", number);
  if constexpr (std::is_arithmetic_v<T>)
    return static_cast<T>(number);
  else
    return T(static_cast<float>(number));
}

// A tensor of `type` whose element i (in the order of memory) is element(i), a number that is cast to the
// type. Throws kUnsupported for more than kLongestConstant.
template <typename Element>
Tensor element_list(DataType type, const Dims& dims, const Element& element) {
  if (element_count(dims) > kLongestConstant)
    fail(ErrorCode::kUnsupported, "it needs a constant of {}", to_string(dims));
  Tensor tensor(type, dims);
  ops::dispatch<ops::Join<ops::Numbers, ops::Elements<bool>>>(type, [&]<typename T>(ops::ElementType<T>) {
    auto elements = tensor.data<T>();
    for (int64_t i = 0; i < tensor.count(); ++i) {
      const auto number = element(i);
      if constexpr (std::is_same_v<T, bool>)
        elements[static_cast<size_t>(i)] = number != 0;
      else
        elements[static_cast<size_t>(i)] = element_of<T>(number);
    }
  });
  return tensor;
}

}  // namespace slipway::torch::aten
