#include "ops/matmul_shapes.hpp"

#include "base/error.hpp"
#include "ops/inference_context.hpp"

namespace slipway::ops {
namespace {

void check_sizes(const Dim& columns, const Dim& rows, const std::string& a, const std::string& b) {
  if (columns.is_known() && rows.is_known() && columns != rows)
    fail(ErrorCode::kInvalidModel,
         "{} and {} cannot be multiplied: the left one has {} columns, the right one {} rows", a, b,
         columns.value(), rows.value());
}

}  // namespace

std::optional<Shape> matmul_shape(std::optional<Shape> a, std::optional<Shape> b) {
  if (!a || !b) return std::nullopt;
  if (a->empty() || b->empty()) fail(ErrorCode::kInvalidModel, "a scalar cannot be multiplied as a matrix");
  const bool row = a->size() == 1, column = b->size() == 1;
  if (row) a->insert(a->begin(), 1);
  if (column) b->push_back(1);
  check_sizes(a->back(), (*b)[b->size() - 2], to_string(*a), to_string(*b));
  Shape shape = broadcast(Shape(a->begin(), a->end() - 2), Shape(b->begin(), b->end() - 2));
  if (!row) shape.push_back((*a)[a->size() - 2]);
  if (!column) shape.push_back(b->back());
  return shape;
}

MatMulShapes matmul_shapes(Dims a, Dims b) {
  if (a.empty() || b.empty()) fail(ErrorCode::kInvalidArgument, "a scalar cannot be multiplied as a matrix");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  check_sizes(a.back(), b[b.size() - 2], to_string(a), to_string(b));
  const Dims a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
  MatMulShapes shapes{broadcast_dims(a_batch, b_batch), {}, {}, a[a.size() - 2], a.back(), b.back(), {}};
  shapes.a_strides = broadcast_strides(a_batch, shapes.batch);
  shapes.b_strides = broadcast_strides(b_batch, shapes.batch);
  shapes.out = shapes.batch;
  if (!row) shapes.out.push_back(shapes.rows);
  if (!column) shapes.out.push_back(shapes.columns);
  return shapes;
}

}  // namespace slipway::ops
