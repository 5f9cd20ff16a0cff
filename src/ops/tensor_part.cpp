#include "ops/tensor_part.hpp"

#include "ops/axis_split.hpp"
#include "ops/element_mover.hpp"

namespace slipway::ops {

void copy_part(const Tensor& from, size_t axis, int64_t begin, int64_t size, Tensor& to) {
  const AxisSplit all = split_at(from.dims(), axis);
  const ElementMover mover(from, to);
  const int64_t run = size * all.inner;
  for (int64_t outer = 0; outer < all.outer; ++outer)
    mover.move((outer * all.size + begin) * all.inner, outer * run, run);
}

}  // namespace slipway::ops
