// For kernels that calculate in f64 from end to end: inputs of any type are widened, what comes out is
// rounded once.
#pragma once

#include <algorithm>
#include <optional>

#include "ops/cast.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::ops {

inline Tensor exact_input(const KernelContext& context, size_t index) {
  return cast_elements(context.input(index), DataType::kDouble);
}

inline std::optional<Tensor> exact_optional_input(const KernelContext& context, size_t index) {
  return context.has_input(index) ? std::optional(exact_input(context, index)) : std::nullopt;
}

inline Tensor exact_zeros(Dims dims) {
  Tensor zeros(DataType::kDouble, std::move(dims));
  std::fill_n(zeros.data<double>().data(), zeros.count(), 0.0);
  return zeros;
}

// Outputs that nobody wants are not made.
inline void round_to_output(KernelContext& context, size_t index, DataType type, const Tensor& exact) {
  if (context.wants_output(index)) cast_elements(exact, context.make_output(index, type, exact.dims()));
}

}  // namespace slipway::ops
