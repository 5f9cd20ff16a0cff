// What the pooling operators have in common: the window that runs over each plane, the shapes that follow
// from it, and their inference.
#pragma once

#include "ops/footprint.hpp"
#include "ops/index_walk.hpp"
#include "ops/inference_context.hpp"
#include "ops/window_walk.hpp"

namespace slipway::ops {

// By the attributes kernel_shape, ceil_mode and so on; all outputs have the same shape, a second one is of
// i64.
void infer_pool(InferenceContext& context);
// One element a plane is left.
void infer_global_pool(InferenceContext& context);
Region pool_footprint(const ShapeContext& context, size_t index, const Region& region);

// The shape of the output for an input of shape `in`.
Dims pooled_dims(const Node& node, const Dims& in, const Window& window);
// The window that covers the whole plane. Throws kInvalidModel when there is no spatial axis.
Window global_window(const Dims& in);
Dims globally_pooled_dims(const Dims& in);

}  // namespace slipway::ops
