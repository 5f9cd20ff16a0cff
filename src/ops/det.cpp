// Det: determinants of square matrices, by elimination with pivots.
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  const size_t rank = shape->size();
  if (rank < 2) fail(ErrorCode::kInvalidModel, "the input has rank {}, but matrices were expected", rank);
  const Dim &rows = (*shape)[rank - 2], &columns = (*shape)[rank - 1];
  if (rows.is_known() && columns.is_known() && rows.value() != columns.value())
    fail(ErrorCode::kInvalidModel, "matrices of {}x{} are not square", rows.value(), columns.value());
  context.set_output_type(0, Type::tensor(type, Shape(shape->begin(), shape->end() - 2)));
}

// Of the n×n matrix, which is changed.
double determinant(CountedVector<double>& matrix, size_t n) {
  const auto at = [&](size_t row, size_t column) -> double& { return matrix[row * n + column]; };
  double result = 1;
  for (size_t step = 0; step < n; ++step) {
    WorkScope::spend(static_cast<double>(n - step) * static_cast<double>(n - step));
    size_t pivot = step;
    for (size_t row = step + 1; row < n; ++row)
      if (std::fabs(at(row, step)) > std::fabs(at(pivot, step))) pivot = row;
    if (at(pivot, step) == 0) return 0;
    if (pivot != step) {
      for (size_t column = step; column < n; ++column) std::swap(at(pivot, column), at(step, column));
      result = -result;
    }
    result *= at(step, step);
    for (size_t row = step + 1; row < n; ++row) {
      const double factor = at(row, step) / at(step, step);
      for (size_t column = step; column < n; ++column) at(row, column) -= factor * at(step, column);
    }
  }
  return result;
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const size_t rank = input.rank();
  if (rank < 2 || input.dim(rank - 2) != input.dim(rank - 1))
    fail(ErrorCode::kInvalidModel, "the input is {}, but square matrices were expected", input.describe());
  const auto size = static_cast<size_t>(input.dim(rank - 1));
  Tensor& output = context.make_output(0, input.type(), Dims(input.dims().begin(), input.dims().end() - 2));
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const T* in = input.data<T>().data();
    CountedVector<double> matrix(input.empty() ? 0 : size * size);
    for (T& result : output.data<T>()) {
      for (double& x : matrix) x = to_exact(*in++);
      result = static_cast<T>(determinant(matrix, size));
    }
  });
}

}  // namespace

void register_det(Registry& registry) {
  registry.add({.name = "Det",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
