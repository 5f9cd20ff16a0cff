// Optional, OptionalGetElement, OptionalHasElement: a value that may be absent. At run time an optional with
// an element is that element.
#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void infer_optional(InferenceContext& context) {
  if (context.has_input(0)) return context.set_output_type(0, Type::optional(context.input_type(0)));
  const Attribute* stated = context.node().find_attribute("type");
  const Type* type = stated ? stated->as<Type>() : nullptr;
  if (!type) fail(ErrorCode::kInvalidModel, "there is neither an input nor attribute 'type'");
  context.set_output_type(0, Type::optional(*type));
}

void compute_optional(KernelContext& context) {
  context.set_output(0, context.has_input(0) ? context.value(0) : RuntimeValue());
}

void infer_get_element(InferenceContext& context) {
  const Type& type = context.input_type(0);
  context.set_output_type(0, type.kind() == Type::Kind::kOptional ? type.inner() : type);
}

void compute_get_element(KernelContext& context) {
  if (!context.value(0).has_value())
    fail(ErrorCode::kInvalidArgument, "the optional is empty: there is no element to get");
  context.set_output(0, context.value(0));
}

void infer_has_element(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kBool, Shape{}));
}

void compute_has_element(KernelContext& context) {
  context.set_output(0, Tensor::scalar<bool>(context.has_input(0) && context.value(0).has_value()));
}

}  // namespace

void register_optional(Registry& registry) {
  registry.add({.name = "Optional",
                .since_version = 15,
                .inputs = {{"input", "", Arity::kOptional}},
                .outputs = {{"output", ""}},
                .attributes = {{"type", Attribute::Kind::kType}},
                .infer = infer_optional,
                .compute = compute_optional});
  registry.add({.name = "OptionalGetElement",
                .since_version = 18,
                .inputs = {{"input", ""}},
                .outputs = {{"output", ""}},
                .infer = infer_get_element,
                .compute = compute_get_element});
  registry.add({.name = "OptionalHasElement",
                .since_version = 18,
                .inputs = {{"input", "", Arity::kOptional}},
                .outputs = {{"output", "tensor(bool)"}},
                .infer = infer_has_element,
                .compute = compute_has_element});
}

}  // namespace slipway::ops
