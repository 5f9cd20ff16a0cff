// A contiguous tensor seen from one axis: `outer` blocks of `size` rows of `inner` elements. Element i of row
// r in block b is at (b * size + r) * inner + i.
#pragma once

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

}  // namespace slipway::ops
