// Counts through the indices of a shape in row-major order.
#pragma once

#include "tensor/dim.hpp"

namespace slipway::ops {

class IndexWalk {
 public:
  // `dims` is kept by reference. Empty shapes (rank 0) have one index; shapes with a 0 have none.
  explicit IndexWalk(const Dims& dims) : dims_(dims), index_(dims.size(), 0) {
    for (int64_t size : dims) done_ |= size == 0;
  }
  bool done() const { return done_; }
  const Dims& index() const { return index_; }
  void next() {
    for (size_t axis = dims_.size(); axis-- > 0;) {
      if (++index_[axis] < dims_[axis]) return;
      index_[axis] = 0;
    }
    done_ = true;
  }

 private:
  const Dims& dims_;
  Dims index_;
  bool done_ = false;
};

}  // namespace slipway::ops
