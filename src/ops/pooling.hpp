// What the pooling operators have in common: the window that runs over each plane, the shapes that follow
// from it, and their inference.
#pragma once

#include "ops/footprint.hpp"
#include "ops/index_walk.hpp"
#include "ops/inference_context.hpp"
#include "ops/window.hpp"

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

// Calls visit(offset in the plane, index in the plane) for each place of the window that lies inside of the
// image, and counts those that lie inside of the image or its padding.
template <typename Visit>
int64_t visit_window(const Window& window, const Dims& in, const Dims& at, Visit&& visit) {
  int64_t padded = 0;
  for (IndexWalk tap(window.kernel); !tap.done(); tap.next()) {
    bool inside = true, in_padding = true;
    int64_t offset = 0;
    Dims places(at.size());
    for (size_t axis = 0; axis < at.size(); ++axis) {
      const int64_t place = at[axis] * window.strides[axis] - window.pads_begin[axis] +
                            tap.index()[axis] * window.dilations[axis];
      inside = inside && place >= 0 && place < in[axis + 2];
      in_padding = in_padding && place < in[axis + 2] + window.pads_end[axis];
      offset = offset * in[axis + 2] + place;
      places[axis] = place;
    }
    padded += in_padding;
    if (inside) visit(offset, places);
  }
  return padded;
}

}  // namespace slipway::ops
