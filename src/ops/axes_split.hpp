// A contiguous tensor seen from several axes: one line of elements along them for each place along the
// others. The offset of an element is that of its place plus that within the line.
#pragma once

#include "ops/strided_walk.hpp"

namespace slipway::ops {

// One flag an axis: is it named? Throws kInvalidModel when an axis is outside the rank or named twice.
std::vector<bool> named_axes(const std::vector<int64_t>& axes, size_t rank);

struct AxesSplit {
  Dims place_dims, place_strides;
  Dims line_dims, line_strides;

  AxesSplit(const Dims& dims, const std::vector<bool>& along);
  StridedWalk<1> places() const { return StridedWalk<1>(place_dims, {place_strides}); }
  StridedWalk<1> line() const { return StridedWalk<1>(line_dims, {line_strides}); }
};

}  // namespace slipway::ops
