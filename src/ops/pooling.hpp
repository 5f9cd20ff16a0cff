// What the pooling operators have in common: the window that runs over each plane, the shapes that follow
// from it, and their inference.
#pragma once

#include <algorithm>

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
// image, and counts those that lie inside of the image or its padding. A window may be far larger than both,
// so it is not walked where there is nothing.
template <typename Visit>
double visit_window(const Window& window, const Dims& in, const Dims& at, Visit&& visit) {
  double padded = 1;
  Dims first(at.size()), counts(at.size());
  for (size_t axis = 0; axis < at.size(); ++axis) {
    const int64_t begin = at[axis] * window.strides[axis] - window.pads_begin[axis];
    const auto taps_before = [&](int64_t place) {
      const int64_t room = std::max<int64_t>(place - begin, 0), step = window.dilations[axis];
      return std::min((room + step - 1) / step, window.kernel[axis]);
    };
    first[axis] = taps_before(0);
    counts[axis] = taps_before(in[axis + 2]) - first[axis];
    padded *= static_cast<double>(taps_before(in[axis + 2] + window.pads_end[axis]));
  }
  for (IndexWalk tap(counts); !tap.done(); tap.next()) {
    int64_t offset = 0;
    Dims places(at.size());
    for (size_t axis = 0; axis < at.size(); ++axis) {
      places[axis] = at[axis] * window.strides[axis] - window.pads_begin[axis] +
                     (first[axis] + tap.index()[axis]) * window.dilations[axis];
      offset = offset * in[axis + 2] + places[axis];
    }
    visit(offset, places);
  }
  return padded;
}

}  // namespace slipway::ops
