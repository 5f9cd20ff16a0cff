// Squeeze and Unsqueeze: axes of size 1 go or come.
#include <algorithm>

#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// The axes as a sorted list without repetition.
std::vector<size_t> normalized(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<size_t> result;
  for (int64_t axis : axes) result.push_back(normalize_axis(axis, rank));
  std::sort(result.begin(), result.end());
  return result;
}

template <typename Size>
std::vector<Size> without(const std::vector<Size>& dims, const std::vector<size_t>& axes) {
  std::vector<Size> result;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    if (!std::binary_search(axes.begin(), axes.end(), axis)) result.push_back(dims[axis]);
  return result;
}

template <typename Size>
std::vector<Size> with_ones(const std::vector<Size>& dims, const std::vector<int64_t>& axes) {
  const std::vector<size_t> places = normalized(axes, dims.size() + axes.size());
  if (std::adjacent_find(places.begin(), places.end()) != places.end())
    fail(ErrorCode::kInvalidArgument, "the axes {} name one axis twice", to_string(axes));
  std::vector<Size> result = dims;
  for (size_t axis : places) result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis), Size(1));
  return result;
}

void follow_elements(InferenceContext& context) {
  if (auto elements = context.input_elements(0)) context.set_output_elements(0, std::move(*elements));
}

void infer_squeeze(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  const auto axes = context.input_integers(1, "the axes");
  const bool known = axes || !context.has_input(1);
  if (!shape || !known || (!axes && !all_known(*shape)))
    return context.set_output_type(0, Type::tensor(type));
  std::vector<size_t> gone;
  if (axes) {
    gone = normalized(*axes, shape->size());
    for (size_t axis : gone)
      if ((*shape)[axis].is_known() && (*shape)[axis].value() != 1)
        fail(ErrorCode::kInvalidModel, "axis {} of {} cannot be squeezed: its size is not 1", axis,
             to_string(*shape));
  } else {
    for (size_t axis = 0; axis < shape->size(); ++axis)
      if ((*shape)[axis].value() == 1) gone.push_back(axis);
  }
  context.set_output_type(0, Type::tensor(type, without(*shape, gone)));
  follow_elements(context);
}

void compute_squeeze(KernelContext& context) {
  const Tensor& data = context.input(0);
  std::vector<size_t> gone;
  if (context.has_input(1)) {
    gone = normalized(read_integers(context.input(1), "the axes"), data.rank());
    for (size_t axis : gone)
      if (data.dim(axis) != 1)
        fail(ErrorCode::kInvalidArgument, "axis {} of {} cannot be squeezed: its size is not 1", axis,
             data.describe());
  } else {
    for (size_t axis = 0; axis < data.rank(); ++axis)
      if (data.dim(axis) == 1) gone.push_back(axis);
  }
  context.set_output(0, data.reshaped(without(data.dims(), gone)));
}

void infer_unsqueeze(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  const auto axes = context.input_integers(1, "the axes");
  if (!shape || !axes) return context.set_output_type(0, Type::tensor(type));
  context.set_output_type(0, Type::tensor(type, with_ones(*shape, *axes)));
  follow_elements(context);
}

void compute_unsqueeze(KernelContext& context) {
  const Tensor& data = context.input(0);
  context.set_output(0, data.reshaped(with_ones(data.dims(), read_integers(context.input(1), "the axes"))));
}

}  // namespace

void register_squeeze(Registry& registry) {
  registry.add({.name = "Squeeze",
                .since_version = 25,
                .inputs = {{"data", "T"}, {"axes", "tensor(int64)", Arity::kOptional}},
                .outputs = {{"squeezed", "T"}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_squeeze,
                .compute = compute_squeeze});
  registry.add({.name = "Unsqueeze",
                .since_version = 25,
                .inputs = {{"data", "T"}, {"axes", "tensor(int64)"}},
                .outputs = {{"expanded", "T"}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_unsqueeze,
                .compute = compute_unsqueeze});
}

}  // namespace slipway::ops
