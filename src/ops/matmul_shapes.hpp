// What the operators that multiply like NumPy's matmul have in common. Axes before the last two are batches,
// broadcast; one-dimensional inputs are a row on the left, a column on the right, and that axis is dropped
// again.
#pragma once

#include <optional>
#include <span>

#include "ops/matrix_product.hpp"
#include "ops/strided_walk.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

// The shape of a·b; nothing when one of theirs is not known. Throws kInvalidModel.
std::optional<Shape> matmul_shape(std::optional<Shape> a, std::optional<Shape> b);

struct MatMulShapes {
  Dims batch;
  Dims a_strides;  // in matrices, along the batch axes
  Dims b_strides;
  int64_t rows;
  int64_t inner;
  int64_t columns;
  Dims out;
};

// Throws kInvalidModel and kInvalidArgument.
MatMulShapes matmul_shapes(Dims a, Dims b);

// All matrices of the batch; `out` has as many elements as shapes.out says.
template <typename T>
void multiply_matrices(const MatMulShapes& shapes, std::span<const T> a, std::span<const T> b,
                       std::span<T> out) {
  CountedVector<ExactType<T>> sums(static_cast<size_t>(shapes.columns));
  StridedWalk<2> batch(shapes.batch, {shapes.a_strides, shapes.b_strides});
  for (size_t next = 0; next < out.size(); batch.next()) {
    const auto a_begin = static_cast<size_t>(batch[0] * shapes.rows * shapes.inner);
    const auto b_begin = static_cast<size_t>(batch[1] * shapes.inner * shapes.columns);
    const MatrixView<T> a_matrix{a.subspan(a_begin), shapes.inner, 1};
    const MatrixView<T> b_matrix{b.subspan(b_begin), shapes.columns, 1};
    for (int64_t row = 0; row < shapes.rows; ++row) {
      multiply_row(a_matrix, row, b_matrix, shapes.inner, sums);
      for (const auto sum : sums) out[next++] = static_cast<T>(sum);
    }
  }
}

}  // namespace slipway::ops
