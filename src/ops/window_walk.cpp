#include "ops/window_walk.hpp"

#include <algorithm>

#include "base/work_scope.hpp"

namespace slipway::ops {

WindowWalk::WindowWalk(const Window& window, const Dims& in) : window_(window), axes_(window.kernel.size()) {
  int64_t plane_stride = 1, kernel_stride = 1;
  for (size_t axis = axes_.size(); axis-- > 0;) {
    axes_[axis] = {in[axis + 2], plane_stride, kernel_stride};
    plane_stride *= in[axis + 2];
    kernel_stride *= window.kernel[axis];
  }
}

// Taps along an axis that lie before a place.
int64_t WindowWalk::taps_before(size_t axis, int64_t place) const {
  const int64_t room = std::max<int64_t>(place - axes_[axis].begin, 0), step = window_.dilations[axis];
  return std::min((room + step - 1) / step, window_.kernel[axis]);
}

void WindowWalk::move_to(const Dims& output, int64_t visits) {
  double places = 1;
  for (size_t i = 0; i < axes_.size(); ++i) {
    Axis& axis = axes_[i];
    axis.begin = output[i] * window_.strides[i] - window_.pads_begin[i];
    axis.first_tap = taps_before(i, 0);
    axis.taps = taps_before(i, axis.size) - axis.first_tap;
    places *= static_cast<double>(axis.taps);
  }
  WorkScope::spend(places * static_cast<double>(visits));
}

double WindowWalk::padded() const {
  double places = 1;
  for (size_t i = 0; i < axes_.size(); ++i)
    places *= static_cast<double>(taps_before(i, axes_[i].size + window_.pads_end[i]));
  return places;
}

}  // namespace slipway::ops
