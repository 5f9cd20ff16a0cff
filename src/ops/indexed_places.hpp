// The places that the indices of GatherElements, GatherND, ScatterElements and ScatterND name: GatherX reads
// them, ScatterX writes them. All offsets are counted in elements of a contiguous tensor.
#pragma once

#include "tensor/tensor.hpp"

namespace slipway::ops {

// One place for each element of `indices`, in order: the element's own index, but on `axis` what it says.
// Throws kInvalidArgument when the ranks differ or a place is outside `dims`.
CountedVector<int64_t> places_along_axis(const Dims& dims, const Tensor& indices, size_t axis);

// Each row of `indices` (i64) names a slice, after the `batch_dims` axes that both share.
struct Slices {
  CountedVector<int64_t> places;  // where each starts
  Dims dims;                      // the shape of one
};
// Throws kInvalidArgument as above, and when the shapes do not fit together.
Slices places_of_rows(const Dims& dims, const Tensor& indices, size_t batch_dims);

}  // namespace slipway::ops
