// Inverse: of square matrices, by Gauss and Jordan's elimination with the largest pivot of each column.
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void check_square(const Shape& shape) {
  const size_t rank = shape.size();
  const bool known = rank >= 2 && shape[rank - 1].is_known() && shape[rank - 2].is_known();
  if (rank < 2 || (known && shape[rank - 1] != shape[rank - 2]))
    fail(ErrorCode::kInvalidModel, "the input has shape {}, but square matrices are expected",
         to_string(shape));
}

// Turns `matrix` into the unit matrix and `inverse`, which was that, into what undoes it.
void invert(double* matrix, double* inverse, int64_t size) {
  const auto row = [size](double* of, int64_t index) { return of + index * size; };
  for (int64_t column = 0; column < size; ++column) {
    WorkScope::spend(2 * static_cast<double>(size) * static_cast<double>(size));
    int64_t pivot = column;
    for (int64_t i = column + 1; i < size; ++i)
      if (std::fabs(row(matrix, i)[column]) > std::fabs(row(matrix, pivot)[column])) pivot = i;
    if (row(matrix, pivot)[column] == 0)
      fail(ErrorCode::kInvalidArgument, "the matrix has no inverse: its column {} depends on others", column);
    std::swap_ranges(row(matrix, column), row(matrix, column) + size, row(matrix, pivot));
    std::swap_ranges(row(inverse, column), row(inverse, column) + size, row(inverse, pivot));
    const double factor = 1 / row(matrix, column)[column];
    for (int64_t i = 0; i < size; ++i) row(matrix, column)[i] *= factor, row(inverse, column)[i] *= factor;
    for (int64_t other = 0; other < size; ++other) {
      const double share = row(matrix, other)[column];
      if (other == column || share == 0) continue;
      for (int64_t i = 0; i < size; ++i) {
        row(matrix, other)[i] -= share * row(matrix, column)[i];
        row(inverse, other)[i] -= share * row(inverse, column)[i];
      }
    }
  }
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0)) check_square(*shape);
}

void compute(KernelContext& context) {
  Tensor matrices = exact_input(context, 0);
  check_square(Shape(matrices.dims().begin(), matrices.dims().end()));
  const int64_t size = matrices.dims().back();
  Tensor inverses = exact_zeros(matrices.dims());
  for (int64_t first = 0; first < matrices.count(); first += size * size) {
    double* inverse = inverses.data<double>().data() + first;
    for (int64_t i = 0; i < size; ++i) inverse[i * size + i] = 1;
    invert(matrices.data<double>().data() + first, inverse, size);
  }
  round_to_output(context, 0, context.input(0).type(), inverses);
}

}  // namespace

void register_inverse(Registry& registry) {
  registry.add({.name = "Inverse",
                .domain = "com.microsoft",
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .type_constraints = {{"T", kIeeeFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
