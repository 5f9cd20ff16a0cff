#include "ops/strided_walk.hpp"

#include "base/error.hpp"

namespace slipway::ops {

Dims contiguous_strides(const Dims& dims) {
  Dims strides(dims.size());
  int64_t stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    // Only beside an axis of size 0: nobody uses those strides.
    if (__builtin_mul_overflow(stride, dims[axis], &stride)) stride = 0;
  }
  return strides;
}

Dims broadcast_dims(const Dims& a, const Dims& b) {
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims result = longer;
  const size_t offset = longer.size() - shorter.size();
  for (size_t axis = 0; axis < shorter.size(); ++axis) {
    int64_t& size = result[axis + offset];
    if (size == 1) size = shorter[axis];
    if (shorter[axis] != 1 && shorter[axis] != size)
      fail(ErrorCode::kInvalidArgument,
           "shapes {} and {} cannot be broadcast: sizes {} and {} must be the same, or one of them 1",
           to_string(a), to_string(b), size, shorter[axis]);
  }
  return result;
}

Dims broadcast_strides(const Dims& dims, const Dims& to) {
  if (dims.size() > to.size() || broadcast_dims(dims, to) != to)
    fail(ErrorCode::kInvalidArgument, "shape {} does not broadcast to {}", to_string(dims), to_string(to));
  Dims strides = contiguous_strides(dims);
  for (size_t axis = 0; axis < dims.size(); ++axis)
    if (dims[axis] == 1) strides[axis] = 0;
  strides.insert(strides.begin(), to.size() - dims.size(), 0);
  return strides;
}

}  // namespace slipway::ops
