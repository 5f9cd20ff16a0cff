// The part of a window that lies inside of a plane, place by place.
#pragma once

#include "ops/window.hpp"

namespace slipway::ops {

// A window may be far larger than the plane and what surrounds it, and there may be hundreds of millions of
// places to put it: it is not walked where there is nothing, and moving it allocates nothing.
class WindowWalk {
 public:
  // Over planes of [N, C, spatial…]; `window` is kept by reference.
  WindowWalk(const Window& window, const Dims& in);

  // Puts the window at the place of one output: its index along each spatial axis. `visits`: how often it
  // will be visited there.
  void move_to(const Dims& output, int64_t visits = 1);
  // How many places of the window lie inside of the plane or its padding.
  double padded() const;
  // Calls visit(offset in the plane, number of the tap), row-major, for each tap inside of the plane.
  template <typename Visit>
  void visit(Visit&& visit) const {
    descend(0, 0, 0, visit);
  }

 private:
  struct Axis {
    int64_t size, plane_stride, kernel_stride;
    int64_t begin = 0;                // where the first tap lies; may be outside
    int64_t first_tap = 0, taps = 0;  // those inside
  };

  int64_t taps_before(size_t axis, int64_t place) const;

  template <typename Visit>
  void descend(size_t level, int64_t offset, int64_t tap, Visit& visit) const {
    const Axis& axis = axes_[level];
    const int64_t step = window_.dilations[level] * axis.plane_stride;
    offset += (axis.begin + axis.first_tap * window_.dilations[level]) * axis.plane_stride;
    tap += axis.first_tap * axis.kernel_stride;
    const bool innermost = level + 1 == axes_.size();
    for (int64_t i = 0; i < axis.taps; ++i, offset += step, tap += axis.kernel_stride) {
      if (innermost)
        visit(offset, tap);
      else
        descend(level + 1, offset, tap, visit);
    }
  }

  const Window& window_;
  std::vector<Axis> axes_;
};

}  // namespace slipway::ops
