// Sums of f32 along any axes, by strides: what is left when no faster way is known.
#pragma once

#include "base/counted_allocator.hpp"
#include "base/thread_pool.hpp"
#include "tensor/dim.hpp"

namespace slipway::engine {

class StridedSum {
 public:
  // One sum for each place of the `kept` axes, written one after the other. Strides in elements; no size is
  // 0.
  StridedSum(Dims kept_sizes, Dims kept_strides, const Dims& sizes, const Dims& strides);

  void run(const float* from, float* to, ThreadPool& pool) const;

 private:
  float sum(const float* from) const;

  Dims kept_sizes_, kept_strides_;
  int64_t count_ = 1;
  // The innermost of the axes that are summed, and the offsets along the others.
  int64_t run_ = 1, step_ = 0;
  CountedVector<int64_t> offsets_;
};

}  // namespace slipway::engine
