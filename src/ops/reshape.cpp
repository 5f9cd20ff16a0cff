// Reshape and Flatten: the same elements under other dimensions.
#include <algorithm>

#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

Dim product(const Shape& shape, size_t begin, size_t end) {
  Dim result = 1;
  for (size_t axis = begin; axis < end; ++axis) result = result * shape[axis];
  return result;
}

// ---- Reshape ----

Dims resolve(const Dims& from, std::vector<int64_t> shape, bool allow_zero) {
  std::optional<size_t> open;
  int64_t rest = 1;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 0 && !allow_zero) {
      if (axis >= from.size())
        fail(ErrorCode::kInvalidArgument, "the shape {} copies axis {} of {}, which has no such axis",
             to_string(shape), axis, to_string(from));
      shape[axis] = from[axis];
    }
    if (shape[axis] == -1 && !open) {
      open = axis;
    } else if (shape[axis] < 0) {
      fail(ErrorCode::kInvalidArgument,
           "the shape {} is none: sizes are not negative, and one of them may be -1", to_string(shape));
    } else {
      rest = element_count({rest, shape[axis]});
    }
  }
  const int64_t count = element_count(from);
  if (open) {
    if (rest == 0 || count % rest != 0)
      fail(ErrorCode::kInvalidArgument, "{} cannot be reshaped to {}: {} elements cannot be divided by {}",
           to_string(from), to_string(shape), count, rest);
    shape[*open] = count / rest;
  } else if (count != rest) {
    fail(ErrorCode::kInvalidArgument, "{} cannot be reshaped to {}: {} elements are not {}", to_string(from),
         to_string(shape), count, rest);
  }
  return shape;
}

void compute_reshape(KernelContext& context) {
  const Tensor& data = context.input(0);
  const bool allow_zero = context.node().int_attribute("allowzero", 0) != 0;
  context.set_output(
      0, data.reshaped(resolve(data.dims(), read_integers(context.input(1), "the shape"), allow_zero)));
}

// The size of the one axis that is -1 or not known: what the others leave. Nothing when it stays open.
Dim remaining(const Shape& from, const Shape& to) {
  const Dim all = product(from, 0, from.size());
  Dim others = 1;
  size_t open = 0;
  for (const Dim& dim : to) {
    if (dim.is_unknown())
      ++open;
    else
      others = others * dim;
  }
  if (open != 1 || all.is_unknown() || others.is_unknown()) return {};
  if (others.is_known() && others.value() > 0) {
    const Dim quotient = floor_div(all, others.value());
    return quotient * others == all ? quotient : Dim();
  }
  // Symbols that occur on both sides cancel.
  Shape left = from;
  Dim rest = 1;
  for (const Dim& dim : to) {
    if (dim.is_unknown()) continue;
    const auto same = std::find(left.begin(), left.end(), dim);
    if (same != left.end())
      left.erase(same);
    else
      rest = rest * dim;
  }
  if (!rest.is_known() || rest.value() == 0) return {};
  const Dim top = product(left, 0, left.size());
  if (top.is_unknown()) return {};
  const Dim quotient = floor_div(top, rest.value());
  return quotient * rest == top ? quotient : Dim();
}

void infer_reshape(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const bool allow_zero = context.node().int_attribute("allowzero", 0) != 0;
  const auto& from = context.input_shape(0);
  const auto exact = context.input_integers(1, "the shape");
  if (from && exact && all_known(*from)) {
    const Dims dims = resolve(known_dims(*from), *exact, allow_zero);
    return context.set_output_type(0, Type::tensor(type, Shape(dims.begin(), dims.end())));
  }
  auto shape = context.input_elements(1);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  for (size_t axis = 0; axis < shape->size(); ++axis)
    if ((*shape)[axis].is_known() && (*shape)[axis].value() == 0 && !allow_zero)
      (*shape)[axis] = from && axis < from->size() ? (*from)[axis] : Dim();
  if (from) {
    const Dim rest = remaining(*from, *shape);
    // Only one axis is open when there is a rest.
    for (Dim& dim : *shape)
      if (dim.is_unknown()) dim = rest;
  }
  context.set_output_type(0, Type::tensor(type, std::move(shape)));
}

// ---- Flatten ----

size_t flatten_axis(const Node& node, size_t rank) {
  const int64_t axis = node.int_attribute("axis", 1);
  if (axis == static_cast<int64_t>(rank)) return rank;
  return rank == 0 && axis == 0 ? 0 : normalize_axis(axis, rank);
}

void infer_flatten(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  Shape result(2);
  if (shape) {
    const size_t axis = flatten_axis(context.node(), shape->size());
    result = {product(*shape, 0, axis), product(*shape, axis, shape->size())};
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(0), std::move(result)));
}

void compute_flatten(KernelContext& context) {
  const Tensor& data = context.input(0);
  const auto axis = static_cast<int64_t>(flatten_axis(context.node(), data.rank()));
  const Dims& dims = data.dims();
  context.set_output(0, data.reshaped({element_count(Dims(dims.begin(), dims.begin() + axis)),
                                       element_count(Dims(dims.begin() + axis, dims.end()))}));
}

}  // namespace

void register_reshape(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Reshape",
                .since_version = 25,
                .inputs = {{"data", "T"}, {"shape", "tensor(int64)"}},
                .outputs = {{"reshaped", "T"}},
                .attributes = {{"allowzero", Kind::kInt}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_reshape,
                .compute = compute_reshape});
  registry.add({.name = "Flatten",
                .since_version = 25,
                .inputs = {{"input", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Kind::kInt}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_flatten,
                .compute = compute_flatten});
}

}  // namespace slipway::ops
