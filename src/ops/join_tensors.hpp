// Puts tensors together, one after the other along an axis.
#pragma once

#include <span>

#include "ops/kernel_context.hpp"

namespace slipway::ops {

// Along an axis that they have, within [0, rank): sizes along it are added up. At least one part, all of one
// type. Throws kInvalidArgument when parts differ in type or in the other axes.
void concatenate(KernelContext& context, size_t output, std::span<const Tensor> parts, size_t axis);

// Along a new axis, within [0, rank]. At least one part. Throws kInvalidArgument when parts differ in type or
// shape.
void stack(KernelContext& context, size_t output, std::span<const Tensor> parts, size_t axis);

}  // namespace slipway::ops
