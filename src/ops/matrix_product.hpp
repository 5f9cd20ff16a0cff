// The plain product of two matrices, for the operators that are made of it.
#pragma once

#include <span>
#include <vector>

#include "base/work_scope.hpp"
#include "ops/element_dispatch.hpp"

namespace slipway::ops {

// A matrix inside a contiguous tensor: element (row, column) is at row * row_stride + column * column_stride.
template <typename T>
struct MatrixView {
  std::span<const T> elements;
  int64_t row_stride;
  int64_t column_stride;

  ExactType<T> at(int64_t row, int64_t column) const {
    return to_exact(elements[static_cast<size_t>(row * row_stride + column * column_stride)]);
  }
};

// One row of a·b, not rounded yet.
template <typename T>
void multiply_row(const MatrixView<T>& a, int64_t row, const MatrixView<T>& b, int64_t inner,
                  CountedVector<ExactType<T>>& sums) {
  WorkScope::spend(static_cast<double>(inner) * static_cast<double>(sums.size()));
  std::fill(sums.begin(), sums.end(), ExactType<T>{0});
  for (int64_t k = 0; k < inner; ++k) {
    const ExactType<T> left = a.at(row, k);
    for (size_t column = 0; column < sums.size(); ++column)
      sums[column] =
          wrapping_add(sums[column], wrapping_multiply(left, b.at(k, static_cast<int64_t>(column))));
  }
}

}  // namespace slipway::ops
