// Shape and Size: a tensor's dimensions, and the number of its elements, as numbers to calculate with.
#include <algorithm>

#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

struct AxisInterval {
  size_t begin;
  size_t end;
};

// Negative positions count from the end; what lies outside is clamped.
AxisInterval axes_of(const Node& node, size_t rank) {
  const auto size = static_cast<int64_t>(rank);
  const auto position = [&](std::string_view name, int64_t otherwise) {
    int64_t axis = node.int_attribute(name, otherwise);
    if (axis < 0) axis += size;
    return static_cast<size_t>(std::clamp<int64_t>(axis, 0, size));
  };
  const size_t begin = position("start", 0), end = position("end", size);
  return {begin, std::max(begin, end)};
}

void infer_shape(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(DataType::kInt64, Shape(1)));
  const auto [begin, end] = axes_of(context.node(), shape->size());
  context.set_output_type(0, Type::tensor(DataType::kInt64, Shape{static_cast<int64_t>(end - begin)}));
  context.set_output_elements(0, Shape(shape->begin() + static_cast<std::ptrdiff_t>(begin),
                                       shape->begin() + static_cast<std::ptrdiff_t>(end)));
}

void compute_shape(KernelContext& context) {
  const Tensor& data = context.input(0);
  const auto [begin, end] = axes_of(context.node(), data.rank());
  const auto out =
      context.make_output(0, DataType::kInt64, {static_cast<int64_t>(end - begin)}).data<int64_t>();
  for (size_t axis = begin; axis < end; ++axis) out[axis - begin] = data.dim(axis);
}

void infer_size(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kInt64, Shape{}));
  const auto& shape = context.input_shape(0);
  if (!shape) return;
  Dim count = 1;
  for (const Dim& dim : *shape) count = count * dim;
  context.set_output_elements(0, {count});
}

void compute_size(KernelContext& context) {
  context.make_output(0, DataType::kInt64, {}).data<int64_t>()[0] = context.input(0).count();
}

}  // namespace

void register_shape(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Shape",
                .since_version = 25,
                .inputs = {{"data", "T"}},
                .outputs = {{"shape", "tensor(int64)"}},
                .attributes = {{"start", Kind::kInt}, {"end", Kind::kInt}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_shape,
                .compute = compute_shape});
  registry.add({.name = "Size",
                .since_version = 25,
                .inputs = {{"data", "T"}},
                .outputs = {{"size", "tensor(int64)"}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer_size,
                .compute = compute_size});
}

}  // namespace slipway::ops
