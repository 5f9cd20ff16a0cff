#include "ops/axes_split.hpp"

#include "base/error.hpp"
#include "ops/inference_context.hpp"

namespace slipway::ops {

std::vector<bool> named_axes(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<bool> named(rank, false);
  for (int64_t axis : axes) {
    const size_t place = normalize_axis(axis, rank);
    if (named[place])
      fail(ErrorCode::kInvalidModel, "the axes {} name axis {} twice", to_string(axes), place);
    named[place] = true;
  }
  return named;
}

AxesSplit::AxesSplit(const Dims& dims, const std::vector<bool>& along) {
  const Dims strides = contiguous_strides(dims);
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    (along[axis] ? line_dims : place_dims).push_back(dims[axis]);
    (along[axis] ? line_strides : place_strides).push_back(strides[axis]);
  }
}

}  // namespace slipway::ops
