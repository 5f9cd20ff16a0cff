// Concat: tensors one after the other along an axis.
#include "base/error.hpp"
#include "ops/join_tensors.hpp"
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

void compute(KernelContext& context) {
  std::vector<Tensor> parts;
  for (size_t i = 0; i < context.input_count(); ++i) parts.push_back(context.input(i));
  const size_t axis = normalize_axis(context.node().int_attribute("axis", 0), parts[0].rank());
  concatenate(context, 0, parts, axis);
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
