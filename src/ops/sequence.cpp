// SequenceEmpty, SequenceConstruct, SequenceInsert, SequenceErase, SequenceAt, SequenceLength.
#include "base/error.hpp"
#include "ops/merge_types.hpp"
#include "ops/registry.hpp"
#include "ops/type_attribute.hpp"

namespace slipway::ops {
namespace {

// A position in a list of `size` elements; negative ones count from the end.
int64_t position_in(const Tensor& tensor, int64_t size) {
  const std::vector<int64_t> position = read_integers(tensor, "the position");
  if (position.size() != 1)
    fail(ErrorCode::kInvalidArgument, "the position is {}, but one number was expected", tensor.describe());
  if (position[0] < -size || position[0] >= size)
    fail(ErrorCode::kInvalidArgument, "position {} is outside [{}, {}]", position[0], -size, size - 1);
  return position[0] < 0 ? position[0] + size : position[0];
}

int64_t size_of(const Sequence& sequence) {
  return static_cast<int64_t>(sequence.size());
}

// The type of a sequence's elements, or nothing where the input's type is not known.
Type element_of(const Type& sequence) {
  return sequence.has_inner() ? sequence.inner() : Type();
}

void infer_empty(InferenceContext& context) {
  context.set_output_type(
      0, Type::sequence(Type::tensor(type_attribute(context.node(), "dtype", DataType::kFloat, kMovable))));
}

void compute_empty(KernelContext& context) {
  context.set_output(0, Sequence());
}

void infer_construct(InferenceContext& context) {
  Type element = context.input_type(0);
  for (size_t i = 1; i < context.input_count(); ++i) element = widen_types(element, context.input_type(i));
  context.set_output_type(0, Type::sequence(std::move(element)));
}

void compute_construct(KernelContext& context) {
  Sequence sequence;
  for (size_t i = 0; i < context.input_count(); ++i) sequence.push_back(context.value(i));
  context.set_output(0, std::move(sequence));
}

void infer_insert(InferenceContext& context) {
  context.set_output_type(
      0, Type::sequence(widen_types(element_of(context.input_type(0)), context.input_type(1))));
}

void compute_insert(KernelContext& context) {
  const Sequence& input = context.value(0).sequence();
  const Tensor& tensor = context.input(1);
  if (!input.empty() && input[0].is_tensor() && input[0].tensor().type() != tensor.type())
    fail(ErrorCode::kInvalidArgument, "{} cannot be inserted into a sequence of {}", tensor.describe(),
         name_of(input[0].tensor().type()));
  // Behind the last element is a place, too: the range of positions is that of a list with one more, but for
  // negative ones, which still count from the present end.
  int64_t place = size_of(input);
  if (context.has_input(2)) {
    const std::vector<int64_t> stated = read_integers(context.input(2), "the position");
    if (stated.size() != 1 || stated[0] != place) place = position_in(context.input(2), place);
  }
  Sequence output = context.take_sequence(0);
  output.insert(output.begin() + place, tensor);
  context.set_output(0, std::move(output));
}

void compute_erase(KernelContext& context) {
  const int64_t size = size_of(context.value(0).sequence());
  if (size == 0) fail(ErrorCode::kInvalidArgument, "the sequence is empty: nothing can be erased");
  const int64_t place = context.has_input(1) ? position_in(context.input(1), size) : size - 1;
  Sequence output = context.take_sequence(0);
  output.erase(output.begin() + place);
  context.set_output(0, std::move(output));
}

void infer_at(InferenceContext& context) {
  context.set_output_type(0, element_of(context.input_type(0)));
}

void compute_at(KernelContext& context) {
  const Sequence& input = context.value(0).sequence();
  context.set_output(0, input[static_cast<size_t>(position_in(context.input(1), size_of(input)))]);
}

void infer_length(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kInt64, Shape{}));
}

void compute_length(KernelContext& context) {
  context.set_output(0, Tensor::scalar<int64_t>(size_of(context.value(0).sequence())));
}

}  // namespace

void register_sequence(Registry& registry) {
  const std::vector<TypeConstraint> movable{{"T", kMovable}, {"I", {DataType::kInt32, DataType::kInt64}}};
  registry.add({.name = "SequenceEmpty",
                .since_version = 11,
                .outputs = {{"output", "seq(T)"}},
                .attributes = {{"dtype", Attribute::Kind::kInt}},
                .type_constraints = movable,
                .infer = infer_empty,
                .compute = compute_empty});
  registry.add({.name = "SequenceConstruct",
                .since_version = 11,
                .inputs = {{"inputs", "T", Arity::kVariadic}},
                .outputs = {{"output_sequence", "seq(T)"}},
                .type_constraints = movable,
                .min_inputs = 1,
                .infer = infer_construct,
                .compute = compute_construct});
  registry.add(
      {.name = "SequenceInsert",
       .since_version = 11,
       .inputs = {{"input_sequence", "seq(T)"}, {"tensor", "T"}, {"position", "I", Arity::kOptional}},
       .outputs = {{"output_sequence", "seq(T)"}},
       .type_constraints = movable,
       .infer = infer_insert,
       .compute = compute_insert});
  registry.add({.name = "SequenceErase",
                .since_version = 11,
                .inputs = {{"input_sequence", "seq(T)"}, {"position", "I", Arity::kOptional}},
                .outputs = {{"output_sequence", "seq(T)"}},
                .type_constraints = movable,
                .infer = infer_like_first_input,
                .compute = compute_erase});
  registry.add({.name = "SequenceAt",
                .since_version = 11,
                .inputs = {{"input_sequence", "seq(T)"}, {"position", "I"}},
                .outputs = {{"tensor", "T"}},
                .type_constraints = movable,
                .infer = infer_at,
                .compute = compute_at});
  registry.add({.name = "SequenceLength",
                .since_version = 11,
                .inputs = {{"input_sequence", "seq(T)"}},
                .outputs = {{"length", "tensor(int64)"}},
                .type_constraints = movable,
                .infer = infer_length,
                .compute = compute_length});
}

}  // namespace slipway::ops
