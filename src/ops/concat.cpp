// Concat: tensors one after the other along an axis.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// The sizes of all inputs must agree but along the axis.
void join(Shape& result, const Shape& next, size_t axis) {
  if (next.size() != result.size())
    fail(ErrorCode::kInvalidModel, "{} and {} cannot be concatenated: they differ in rank", to_string(result),
         to_string(next));
  for (size_t i = 0; i < result.size(); ++i) {
    if (i == axis) {
      result[i] = result[i] + next[i];
    } else if (result[i].is_known() && next[i].is_known() && result[i] != next[i]) {
      fail(ErrorCode::kInvalidModel,
           "{} and {} cannot be concatenated along axis {}: they differ along axis {}", to_string(result),
           to_string(next), axis, i);
    } else if (next[i].is_known() || result[i].is_unknown()) {
      result[i] = next[i];
    }
  }
}

void follow_elements(InferenceContext& context) {
  Shape all;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const auto elements = context.input_elements(i);
    if (!elements) return;
    all.insert(all.end(), elements->begin(), elements->end());
  }
  context.set_output_elements(0, std::move(all));
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const int64_t stated = context.node().int_attribute("axis", 0);
  std::optional<Shape> result;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const auto& shape = context.input_shape(i);
    if (!shape) return context.set_output_type(0, Type::tensor(type));
    if (result)
      join(*result, *shape, normalize_axis(stated, result->size()));
    else
      result = shape;
  }
  if (result) normalize_axis(stated, result->size());
  const bool list = result && result->size() == 1;
  context.set_output_type(0, Type::tensor(type, std::move(result)));
  if (list) follow_elements(context);
}

Dims joined_dims(const KernelContext& context, size_t axis) {
  Dims dims = context.input(0).dims();
  for (size_t i = 1; i < context.input_count(); ++i) {
    Dims next = context.input(i).dims();
    if (next.size() != dims.size())
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be concatenated: they differ in rank",
           to_string(dims), to_string(next));
    const int64_t size = next[axis];
    next[axis] = dims[axis];
    if (next != dims)
      fail(ErrorCode::kInvalidArgument, "{} and {} cannot be concatenated along axis {}: other axes differ",
           to_string(dims), context.input(i).describe(), axis);
    dims[axis] += size;
  }
  return dims;
}

void compute(KernelContext& context) {
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), context.input(0).rank());
  const Dims dims = joined_dims(context, axis);
  Tensor& output = context.make_output(0, context.input(0).type(), dims);
  const AxisSplit all = split_at(dims, axis);
  int64_t begin = 0;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const Tensor& part = context.input(i);
    const ElementMover mover(part, output);
    const int64_t run = part.dim(axis) * all.inner;
    for (int64_t outer = 0; outer < all.outer; ++outer)
      mover.move(outer * run, (outer * all.size + begin) * all.inner, run);
    begin += part.dim(axis);
  }
}

}  // namespace

void register_concat(Registry& registry) {
  registry.add({.name = "Concat",
                .since_version = 13,
                .inputs = {{"inputs", "T", Arity::kVariadic}},
                .outputs = {{"concat_result", "T"}},
                .attributes = {{"axis", Attribute::Kind::kInt, true}},
                .type_constraints = {{"T", kMovable}},
                .min_inputs = 1,
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
