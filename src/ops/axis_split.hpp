// A contiguous tensor seen from one axis: `outer` blocks of `size` rows of `inner` elements. Element i of row
// r in block b is at (b * size + r) * inner + i.
#pragma once

#include "base/work_scope.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

struct AxisSplit {
  int64_t outer = 1;
  int64_t size = 1;
  int64_t inner = 1;
};

inline AxisSplit split_at(const Dims& dims, size_t axis) {
  AxisSplit split;
  for (size_t i = 0; i < axis; ++i) split.outer *= dims[i];
  split.size = dims[axis];
  for (size_t i = axis + 1; i < dims.size(); ++i) split.inner *= dims[i];
  return split;
}

// Calls visit(first) with the place of the first element of each line along the axis, in memory's order; the
// line's other elements follow it at steps of `inner`.
template <typename Visit>
void for_each_line(const AxisSplit& split, Visit visit) {
  for (int64_t outer = 0; outer < split.outer; ++outer) {
    WorkScope::spend(static_cast<double>(split.inner));  // empty lines are walked, too
    for (int64_t inner = 0; inner < split.inner; ++inner) visit(outer * split.size * split.inner + inner);
  }
}

}  // namespace slipway::ops
