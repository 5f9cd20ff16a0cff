#include "ops/merge_types.hpp"

#include "base/error.hpp"

namespace slipway::ops {
namespace {

[[noreturn]] void contradict(const Type& stated, const Type& inferred) {
  fail(ErrorCode::kInvalidModel, "the file states the type {}, but {} is what comes out", stated.to_string(),
       inferred.to_string());
}

// Nothing when the two contradict each other.
std::optional<Shape> merge_shapes(const Shape& stated, const Shape& inferred) {
  if (stated.size() != inferred.size()) return std::nullopt;
  Shape merged = inferred;
  for (size_t axis = 0; axis < merged.size(); ++axis) {
    if (stated[axis].is_known() && inferred[axis].is_known() && stated[axis] != inferred[axis])
      return std::nullopt;
    if (stated[axis].is_known() || inferred[axis].is_unknown()) merged[axis] = stated[axis];
  }
  return merged;
}

Type with_shape(const Type& type, DataType element, std::optional<Shape> shape) {
  return type.kind() == Type::Kind::kSparseTensor ? Type::sparse_tensor(element, std::move(shape))
                                                  : Type::tensor(element, std::move(shape));
}

Type with_inner(const Type& type, Type inner) {
  switch (type.kind()) {
    case Type::Kind::kSequence:
      return Type::sequence(std::move(inner));
    case Type::Kind::kOptional:
      return Type::optional(std::move(inner));
    default:
      return Type::map(type.element_type(), std::move(inner));
  }
}

bool is_tensor_like(const Type& type) {
  return type.is_tensor() || type.kind() == Type::Kind::kSparseTensor;
}

}  // namespace

Type merge_types(const Type& stated, const Type& inferred) {
  if (stated.is_none()) return inferred;
  if (inferred.is_none()) return stated;
  if (stated.kind() != inferred.kind()) contradict(stated, inferred);
  if (!is_tensor_like(stated)) {
    if (stated.element_type() != inferred.element_type()) contradict(stated, inferred);
    return with_inner(stated, merge_types(stated.inner(), inferred.inner()));
  }
  DataType element = inferred.element_type();
  if (element == DataType::kUndefined) element = stated.element_type();
  if (stated.element_type() != DataType::kUndefined && stated.element_type() != element)
    contradict(stated, inferred);
  if (!stated.shape() || !inferred.shape())
    return with_shape(stated, element, stated.shape() ? stated.shape() : inferred.shape());
  auto shape = merge_shapes(*stated.shape(), *inferred.shape());
  if (!shape) contradict(stated, inferred);
  return with_shape(stated, element, std::move(shape));
}

Type widen_types(const Type& a, const Type& b) {
  if (a.is_none() || b.is_none()) return {};
  // What one side does not know, nobody knows of both.
  if (a.kind() == b.kind() && is_tensor_like(a) && a.element_type() == DataType::kUndefined &&
      b.element_type() != DataType::kUndefined)
    return widen_types(b, a);
  const bool is_open = is_tensor_like(b) && b.element_type() == DataType::kUndefined;
  if (a.kind() != b.kind() || (a.element_type() != b.element_type() && !is_open))
    fail(ErrorCode::kInvalidModel, "types {} and {} must be the same but for sizes", a.to_string(),
         b.to_string());
  if (!is_tensor_like(a)) return with_inner(a, widen_types(a.inner(), b.inner()));
  if (!a.shape() || !b.shape() || a.shape()->size() != b.shape()->size())
    return with_shape(a, b.element_type(), std::nullopt);
  Shape shape = *a.shape();
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (!(shape[axis] == (*b.shape())[axis])) shape[axis] = Dim();
  return with_shape(a, b.element_type(), std::move(shape));
}

}  // namespace slipway::ops
