#include "ops/elementwise.hpp"

namespace slipway::ops {
namespace {

DataType first_known_element_type(const InferenceContext& context) {
  for (size_t i = 0; i < context.input_count(); ++i)
    if (context.has_input(i) && context.input_element_type(i) != DataType::kUndefined)
      return context.input_element_type(i);
  return DataType::kUndefined;
}

}  // namespace

void infer_broadcast(InferenceContext& context) {
  context.set_output_type(0,
                          Type::tensor(first_known_element_type(context), broadcast_input_shapes(context)));
}

void infer_broadcast_to_bool(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kBool, broadcast_input_shapes(context)));
}

double flops_elementwise(const ShapeContext& context) {
  return static_cast<double>(element_count(context.outputs[0]));
}

void infer_elements(InferenceContext& context, Dim (*combine)(const Dim& a, const Dim& b)) {
  const auto a = context.input_elements(0), b = context.input_elements(1);
  if (!a || !b || a->empty() || b->empty()) return;
  if (a->size() != b->size() && a->size() != 1 && b->size() != 1) return;
  Shape result(std::max(a->size(), b->size()));
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = combine((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  context.set_output_elements(0, std::move(result));
}

Operator unary_operator(std::string_view name, int since_version, TypeSet types,
                        void (*compute)(KernelContext&), std::vector<AttributeSpec> attributes) {
  return {.name = name,
          .since_version = since_version,
          .inputs = {{"X", "T"}},
          .outputs = {{"Y", "T"}},
          .attributes = std::move(attributes),
          .type_constraints = {{"T", types}},
          .infer = infer_like_first_input,
          .compute = compute,
          .footprint = footprint_elementwise,
          .flops = flops_elementwise};
}

Operator binary_operator(std::string_view name, int since_version, TypeSet types,
                         void (*compute)(KernelContext&)) {
  return {.name = name,
          .since_version = since_version,
          .inputs = {{"A", "T"}, {"B", "T"}},
          .outputs = {{"C", "T"}},
          .type_constraints = {{"T", types}},
          .infer = infer_broadcast,
          .compute = compute,
          .footprint = footprint_elementwise,
          .flops = flops_elementwise};
}

Operator binary_predicate(std::string_view name, int since_version, TypeSet types,
                          void (*compute)(KernelContext&)) {
  Operator predicate = binary_operator(name, since_version, types, compute);
  predicate.outputs = {{"C", "T1"}};
  predicate.type_constraints.push_back({"T1", {DataType::kBool}});
  predicate.infer = infer_broadcast_to_bool;
  return predicate;
}

}  // namespace slipway::ops
