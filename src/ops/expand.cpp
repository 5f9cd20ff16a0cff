// Expand, Tile and Where: elements repeated or picked by broadcasting.
#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

// Makes output 0 of a shape whose elements the input's strides tell.
void move_by_strides(KernelContext& context, const Dims& dims, Dims walked, Dims strides) {
  const Tensor& input = context.input(0);
  Tensor& output = context.make_output(0, input.type(), dims);
  const ElementMover mover(input, output);
  StridedWalk<1> at(std::move(walked), {std::move(strides)});
  for (int64_t i = 0; i < output.count(); ++i, at.next()) mover.move(at[0], i);
}

// ---- Expand ----

void infer_expand(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  const auto wanted = context.input_elements(1);
  if (!shape || !wanted) return context.set_output_type(0, Type::tensor(type));
  context.set_output_type(0, Type::tensor(type, broadcast(*shape, *wanted)));
  const auto elements = context.input_elements(0);
  if (elements && elements->size() == 1 && wanted->size() == 1 && wanted->front().is_known() &&
      wanted->front().value() <= 64)
    context.set_output_elements(0, Shape(static_cast<size_t>(wanted->front().value()), elements->front()));
}

void compute_expand(KernelContext& context) {
  const Tensor& input = context.input(0);
  // Sizes that the wanted shape states as 1 stay what they are: both are broadcast.
  const Dims dims = broadcast_dims(input.dims(), read_integers(context.input(1), "the shape"));
  move_by_strides(context, dims, dims, broadcast_strides(input.dims(), dims));
}

// ---- Tile ----

void check_repeats(size_t rank, size_t count) {
  if (rank != count)
    fail(ErrorCode::kInvalidArgument, "{} repeats were given for a tensor of rank {}", count, rank);
}

void infer_tile(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  Shape result(shape->size());
  if (const auto repeats = context.input_elements(1)) {
    check_repeats(shape->size(), repeats->size());
    for (size_t axis = 0; axis < result.size(); ++axis) result[axis] = (*shape)[axis] * (*repeats)[axis];
  }
  context.set_output_type(0, Type::tensor(type, std::move(result)));
}

void compute_tile(KernelContext& context) {
  const Tensor& input = context.input(0);
  const std::vector<int64_t> repeats = read_integers(context.input(1), "the repeats");
  check_repeats(input.rank(), repeats.size());
  const Dims from = contiguous_strides(input.dims());
  // Each axis becomes two: the repetition, which does not move, and the axis itself.
  Dims dims, walked, strides;
  for (size_t axis = 0; axis < input.rank(); ++axis) {
    if (repeats[axis] < 0)
      fail(ErrorCode::kInvalidArgument, "the repeats {} are not all positive or 0", to_string(repeats));
    dims.push_back(element_count({input.dim(axis), repeats[axis]}));
    walked.insert(walked.end(), {repeats[axis], input.dim(axis)});
    strides.insert(strides.end(), {0, from[axis]});
  }
  move_by_strides(context, dims, std::move(walked), std::move(strides));
}

// ---- Where ----

void infer_where(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(1), broadcast_input_shapes(context)));
}

void compute_where(KernelContext& context) {
  const Tensor& condition = context.input(0);
  const Tensor& x = context.input(1);
  const Tensor& y = context.input(2);
  const Dims dims = broadcast_dims(broadcast_dims(condition.dims(), x.dims()), y.dims());
  Tensor& output = context.make_output(0, x.type(), dims);
  const ElementMover from_x(x, output), from_y(y, output);
  const auto chosen = condition.data<bool>();
  StridedWalk<3> at(dims, {broadcast_strides(condition.dims(), dims), broadcast_strides(x.dims(), dims),
                           broadcast_strides(y.dims(), dims)});
  for (int64_t i = 0; i < output.count(); ++i, at.next()) {
    if (chosen[static_cast<size_t>(at[0])])
      from_x.move(at[1], i);
    else
      from_y.move(at[2], i);
  }
}

}  // namespace

void register_expand(Registry& registry) {
  registry.add({.name = "Expand",
                .since_version = 13,
                .inputs = {{"input", "T"}, {"shape", "tensor(int64)"}},
                .outputs = {{"output", "T"}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_expand,
                .compute = compute_expand});
  registry.add({.name = "Tile",
                .since_version = 13,
                .inputs = {{"input", "T"}, {"repeats", "tensor(int64)"}},
                .outputs = {{"output", "T"}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_tile,
                .compute = compute_tile});
  registry.add({.name = "Where",
                .since_version = 16,
                .inputs = {{"condition", "tensor(bool)"}, {"X", "T"}, {"Y", "T"}},
                .outputs = {{"output", "T"}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_where,
                .compute = compute_where,
                .footprint = footprint_elementwise});
}

}  // namespace slipway::ops
