// Walks over the elements of a shape in memory's order and keeps, for each of N tensors, the offset that its
// own strides give: broadcasting, transposing, slicing and tiling are all a matter of strides.
#pragma once

#include <array>

#include "tensor/dim.hpp"

namespace slipway::ops {

template <size_t N>
class StridedWalk {
 public:
  // Strides in elements, one per axis of `dims`; 0 repeats.
  StridedWalk(Dims dims, std::array<Dims, N> strides, std::array<int64_t, N> start = {})
      : dims_(std::move(dims)), strides_(std::move(strides)), index_(dims_.size(), 0), offset_(start) {}

  const Dims& index() const { return index_; }
  int64_t operator[](size_t tensor) const { return offset_[tensor]; }

  // The next element; after the last one it is at the first again.
  void next() {
    for (size_t axis = dims_.size(); axis-- > 0;) {
      if (++index_[axis] < dims_[axis]) {
        for (size_t t = 0; t < N; ++t) offset_[t] += strides_[t][axis];
        return;
      }
      for (size_t t = 0; t < N; ++t) offset_[t] -= strides_[t][axis] * (dims_[axis] - 1);
      index_[axis] = 0;
    }
  }

 private:
  Dims dims_;
  std::array<Dims, N> strides_;
  Dims index_;
  std::array<int64_t, N> offset_;
};

// Row-major strides of a contiguous tensor.
Dims contiguous_strides(const Dims& dims);
// The shape that NumPy's broadcasting makes of two. Throws kInvalidArgument when they do not match.
Dims broadcast_dims(const Dims& a, const Dims& b);
// The strides by which a contiguous tensor of shape `dims` is read as one of shape `to`: 0 along axes that it
// does not have or has with size 1. Throws kInvalidArgument when it does not broadcast to that.
Dims broadcast_strides(const Dims& dims, const Dims& to);

}  // namespace slipway::ops
