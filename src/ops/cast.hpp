// Converts elements between any two of ONNX's types but the complex ones, as the operator Cast does.
#pragma once

#include <type_traits>

#include "tensor/small_float.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

struct CastOptions {
  bool saturate = true;  // to float8: out of range becomes the largest finite value
  ScaleRounding scale_rounding = ScaleRounding::kUp;  // to float8e8m0
};

// Floats to floats round to nearest even; floats to integers are cut towards zero, and what does not fit into
// 64 bits becomes the smallest i64; integers to integers keep their low bits. Strings that are no number
// throw kInvalidArgument, complex types kUnsupported. `to` is contiguous and has as many elements as `from`.
void cast_elements(const Tensor& from, Tensor& to, const CastOptions& options = {});
Tensor cast_elements(const Tensor& from, DataType to, const CastOptions& options = {});

// A float as an integer of 64 bits, cut towards zero: from 2^63 to below 2^64 as u64's bits, else, where it
// does not fit, the smallest i64.
int64_t truncated(double value);

// A result as an element of type T; floats are cut to integers as Cast does.
template <typename T, typename R>
T as_element(R result) {
  if constexpr (std::is_integral_v<T> && std::is_floating_point_v<R>)
    return static_cast<T>(truncated(result));
  else
    return static_cast<T>(result);
}

}  // namespace slipway::ops
