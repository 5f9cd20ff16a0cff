// Gather: rows of a tensor along an axis, picked by indices of any shape.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <typename Size>
std::vector<Size> gathered(const std::vector<Size>& data, const std::vector<Size>& indices, size_t axis) {
  std::vector<Size> result = data;
  const auto place = result.begin() + static_cast<std::ptrdiff_t>(axis);
  result.insert(result.erase(place), indices.begin(), indices.end());
  return result;
}

void follow_elements(InferenceContext& context) {
  const auto elements = context.input_elements(0);
  const Tensor* indices = context.input_constant(1);
  if (!elements || !indices || indices->rank() > 1) return;
  const auto size = static_cast<int64_t>(elements->size());
  Shape picked;
  for (int64_t index : read_integers(*indices, "the indices")) {
    if (index < -size || index >= size) return;
    picked.push_back((*elements)[static_cast<size_t>(index < 0 ? index + size : index)]);
  }
  context.set_output_elements(0, std::move(picked));
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  const auto& indices = context.input_shape(1);
  if (!shape || !indices) return context.set_output_type(0, Type::tensor(type));
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), shape->size());
  context.set_output_type(0, Type::tensor(type, gathered(*shape, *indices, axis)));
  if (shape->size() == 1) follow_elements(context);
}

void compute(KernelContext& context) {
  const Tensor& data = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), data.rank());
  const AxisSplit all = split_at(data.dims(), axis);
  const Tensor indices = cast_elements(context.input(1), DataType::kInt64);
  Tensor& output = context.make_output(0, data.type(), gathered(data.dims(), indices.dims(), axis));
  const ElementMover mover(data, output);
  int64_t target = 0;
  for (int64_t outer = 0; outer < all.outer; ++outer)
    for (int64_t index : indices.data<int64_t>()) {
      if (index < -all.size || index >= all.size)
        fail(ErrorCode::kInvalidArgument, "index {} is outside axis {} of {}", index, axis, data.describe());
      const int64_t row = index < 0 ? index + all.size : index;
      mover.move((outer * all.size + row) * all.inner, target, all.inner);
      target += all.inner;
    }
}

}  // namespace

void register_gather(Registry& registry) {
  registry.add({.name = "Gather",
                .since_version = 13,
                .inputs = {{"data", "T"}, {"indices", "Tind"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Attribute::Kind::kInt}},
                .type_constraints = {{"T", kMovable}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
