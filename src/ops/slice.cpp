#include "ops/slice.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

struct AxisRange {
  int64_t start;
  int64_t step;
  int64_t count;
};

// Python's rule: negative positions count from the end, what lies outside is clamped.
AxisRange resolve(int64_t start, int64_t end, int64_t step, int64_t size) {
  if (step == 0) fail(ErrorCode::kInvalidArgument, "a slice has step 0");
  if (step < -std::numeric_limits<int64_t>::max()) step = -std::numeric_limits<int64_t>::max();
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, size);
    end = std::clamp<int64_t>(end, 0, size);
    return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
  }
  start = std::clamp<int64_t>(start, -1, size - 1);
  end = std::clamp<int64_t>(end, -1, size - 1);
  return {start, step, start > end ? (start - end - 1) / -step + 1 : 0};
}

struct Bounds {
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  std::vector<size_t> axes;
  std::vector<int64_t> steps;
};

// `axes` and `steps` are empty where the node does not state them.
Bounds check(std::vector<int64_t> starts, std::vector<int64_t> ends,
             const std::optional<std::vector<int64_t>>& axes, std::optional<std::vector<int64_t>> steps,
             size_t rank) {
  const size_t count = starts.size();
  if (ends.size() != count || (axes && axes->size() != count) || (steps && steps->size() != count))
    fail(ErrorCode::kInvalidArgument, "starts, ends, axes and steps of a slice differ in number");
  if (!axes && count > rank)
    fail(ErrorCode::kInvalidArgument, "{} axes are sliced, but the tensor has {}", count, rank);
  Bounds bounds{std::move(starts), std::move(ends), {}, {}};
  for (size_t i = 0; i < count; ++i) bounds.axes.push_back(axes ? normalize_axis((*axes)[i], rank) : i);
  for (size_t i = 0; i < count; ++i)
    if (std::count(bounds.axes.begin(), bounds.axes.end(), bounds.axes[i]) > 1)
      fail(ErrorCode::kInvalidArgument, "axis {} is sliced twice", bounds.axes[i]);
  bounds.steps = steps ? std::move(*steps) : std::vector<int64_t>(count, 1);
  return bounds;
}

std::optional<std::vector<int64_t>> optional_list(const Tensor* tensor, const char* what) {
  if (!tensor) return std::nullopt;
  return read_integers(*tensor, what);
}

void compute(KernelContext& context) {
  const Tensor& data = context.input(0);
  const SliceView view = slice_view(data.dims(), context.input(1), context.input(2),
                                    context.has_input(3) ? &context.input(3) : nullptr,
                                    context.has_input(4) ? &context.input(4) : nullptr);
  Tensor& output = context.make_output(0, data.type(), view.dims);
  const ElementMover mover(data, output);
  StridedWalk<1> at(view.dims, {view.strides}, {view.first});
  for (int64_t i = 0; i < output.count(); ++i, at.next()) mover.move(at[0], i);
}

// On an axis whose size is no number only the whole of it is certain: any other bound may be clamped.
Dim open_size(const Dim& size, int64_t start, int64_t end, int64_t step) {
  constexpr int64_t kFar = std::numeric_limits<int32_t>::max();
  return start == 0 && end >= kFar && step == 1 ? size : Dim();
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type));
  const auto starts = context.input_integers(1, "starts"), ends = context.input_integers(2, "ends");
  const auto axes = context.input_integers(3, "axes"), steps = context.input_integers(4, "steps");
  const bool axes_known = axes || !context.has_input(3);
  const bool steps_known = steps || !context.has_input(4);
  if (!axes_known) return context.set_output_type(0, Type::tensor(type, Shape(shape->size())));
  Shape result = *shape;
  if (!starts || !ends || !steps_known) {
    // Which axes change is known, not how.
    const size_t all = context.input_elements(1) ? context.input_elements(1)->size() : shape->size();
    const size_t count = axes ? axes->size() : std::min(all, shape->size());
    for (size_t i = 0; i < count; ++i) result[axes ? normalize_axis((*axes)[i], shape->size()) : i] = Dim();
    return context.set_output_type(0, Type::tensor(type, std::move(result)));
  }
  const Bounds bounds = check(*starts, *ends, axes, steps, shape->size());
  for (size_t i = 0; i < bounds.axes.size(); ++i) {
    const Dim& size = (*shape)[bounds.axes[i]];
    result[bounds.axes[i]] =
        size.is_known() ? Dim(resolve(bounds.starts[i], bounds.ends[i], bounds.steps[i], size.value()).count)
                        : open_size(size, bounds.starts[i], bounds.ends[i], bounds.steps[i]);
  }
  context.set_output_type(0, Type::tensor(type, std::move(result)));
  const auto elements = context.input_elements(0);
  if (!elements || shape->size() != 1 || bounds.axes.size() != 1) return;
  const AxisRange range =
      resolve(bounds.starts[0], bounds.ends[0], bounds.steps[0], static_cast<int64_t>(elements->size()));
  Shape picked;
  for (int64_t i = 0; i < range.count; ++i)
    picked.push_back((*elements)[static_cast<size_t>(range.start + i * range.step)]);
  context.set_output_elements(0, std::move(picked));
}

}  // namespace

SliceView slice_view(const Dims& dims, const Tensor& starts, const Tensor& ends, const Tensor* axes,
                     const Tensor* steps) {
  const Bounds bounds = check(read_integers(starts, "starts"), read_integers(ends, "ends"),
                              optional_list(axes, "axes"), optional_list(steps, "steps"), dims.size());
  SliceView view{dims, contiguous_strides(dims)};
  for (size_t i = 0; i < bounds.axes.size(); ++i) {
    const size_t axis = bounds.axes[i];
    const AxisRange range = resolve(bounds.starts[i], bounds.ends[i], bounds.steps[i], dims[axis]);
    view.dims[axis] = range.count;
    view.first += range.start * view.strides[axis];
    // With one element left there is no step to take, and a huge one would overflow.
    view.strides[axis] = range.count > 1 ? view.strides[axis] * range.step : 0;
  }
  return view;
}

void register_slice(Registry& registry) {
  registry.add({.name = "Slice",
                .since_version = 13,
                .inputs = {{"data", "T"},
                           {"starts", "Tind"},
                           {"ends", "Tind"},
                           {"axes", "Tind", Arity::kOptional},
                           {"steps", "Tind", Arity::kOptional}},
                .outputs = {{"output", "T"}},
                .type_constraints = {{"T", kMovable}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
