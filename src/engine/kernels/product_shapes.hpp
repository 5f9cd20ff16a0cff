// The matrices that MatMul and its relatives multiply: out[m][n] = A[m][k] · B[k][n], for each of a batch.
#pragma once

#include <vector>

#include "base/counted_allocator.hpp"
#include "tensor/dim.hpp"

namespace slipway::engine {

struct ProductShapes {
  int64_t m = 0, n = 0, k = 0;
  // For each matrix of the output, in elements, where its A and B begin.
  CountedVector<int64_t> a_offsets = {0}, b_offsets = {0};

  int64_t batch() const { return static_cast<int64_t>(a_offsets.size()); }
};

// By NumPy's rules; `out` is what they make of a and b, which are no scalars. A batch that shares one B is
// one tall matrix.
ProductShapes product_shapes(Dims a, Dims b, Dims out);

// Where the different matrices among `offsets` begin, in order, and which of them begins at `offset`.
CountedVector<int64_t> distinct(CountedVector<int64_t> offsets);
int64_t place_of(const CountedVector<int64_t>& distinct_offsets, int64_t offset);

}  // namespace slipway::engine
