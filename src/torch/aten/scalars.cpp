// Numbers as tensors of one element, and changes of element type.
#include <fmt/format.h>

#include <cmath>
#include <type_traits>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "torch/aten/conversion.hpp"

namespace slipway::torch::aten {
namespace {

using Scalars = ops::Join<ops::Numbers, ops::Elements<bool>>;

// The number in `type`; nothing when the type cannot hold it. Reals are rounded.
template <typename T, typename From>
std::optional<T> as_element(From value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_floating_point_v<From>) {
      if (value != std::trunc(value) || value < -9223372036854775808.0 || value >= 9223372036854775808.0)
        return {};
      return as_element<T>(static_cast<int64_t>(value));
    } else {
      if (!std::in_range<T>(value)) return {};
      return static_cast<T>(value);
    }
  } else if constexpr (std::is_same_v<T, double>) {
    return static_cast<double>(value);
  } else {
    return T(static_cast<float>(value));
  }
}

template <typename From>
Tensor scalar_tensor(DataType type, From value) {
  Tensor tensor;
  ops::dispatch<Scalars>(type, [&]<typename T>(ops::ElementType<T>) {
    const auto element = as_element<T>(value);
    if (!element) fail(ErrorCode::kInvalidModel, "{} is no number of type {}", value, name_of(type));
    tensor = Tensor::scalar<T>(*element);
  });
  return tensor;
}

}  // namespace

Value* Conversion::scalar(DataType type, double value) {
  return constant(scalar_tensor(type, value));
}

Value* Conversion::scalar(DataType type, int64_t value) {
  return constant(scalar_tensor(type, value));
}

Value* Conversion::cast(Value* value, DataType to) {
  if (value->type().is_tensor() && value->type().element_type() == to) return value;
  return emit("Cast", {value}, {{"to", to}});
}

}  // namespace slipway::torch::aten
