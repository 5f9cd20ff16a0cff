// SequenceMap: runs a body for each element of a sequence; what it makes becomes sequences again.
#include "base/error.hpp"
#include "ops/body.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {

const Graph& sequence_map_body(const Node& node) {
  const Graph& body = body_of(node, "body", node.outputs().size());
  if (body.inputs().size() != node.inputs().size())
    fail(ErrorCode::kInvalidModel, "the body has {} inputs, but the node hands it {}", body.inputs().size(),
         node.inputs().size());
  return body;
}

void check_mapped(const RuntimeValue& value, size_t output) {
  if (!value.is_tensor())
    fail(ErrorCode::kInvalidArgument, "output {}: the body makes {}, but a tensor was expected", output,
         value.kind_name());
}

namespace {

void infer(InferenceContext& context) {
  std::vector<Type> elements;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const Type& type = context.input_type(i);
    elements.push_back(type.kind() == Type::Kind::kSequence ? type.inner() : type);
  }
  const std::vector<Type> results = context.infer_subgraph(sequence_map_body(context.node()), elements);
  for (size_t i = 0; i < context.output_count(); ++i) context.set_output_type(i, Type::sequence(results[i]));
}

void compute(KernelContext& context) {
  const Graph& body = sequence_map_body(context.node());
  const size_t length = context.value(0).sequence().size();
  for (size_t i = 1; i < context.input_count(); ++i)
    if (context.value(i).is_sequence() && context.value(i).sequence().size() != length)
      fail(ErrorCode::kInvalidArgument, "input {} is a sequence of {}, but input 0 has {} elements", i,
           context.value(i).sequence().size(), length);

  std::vector<Sequence> outputs(context.output_count());
  for (size_t element = 0; element < length; ++element) {
    std::vector<RuntimeValue> inputs;
    for (size_t i = 0; i < context.input_count(); ++i) {
      const RuntimeValue& value = context.value(i);
      inputs.push_back(value.is_sequence() ? value.sequence()[element] : value);
    }
    auto results = context.run_subgraph(body, inputs);
    for (size_t i = 0; i < outputs.size(); ++i) {
      check_mapped(results[i], i);
      outputs[i].push_back(std::move(results[i]));
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) context.set_output(i, std::move(outputs[i]));
}

}  // namespace

void register_sequence_map(Registry& registry) {
  registry.add({.name = "SequenceMap",
                .since_version = 17,
                .inputs = {{"input_sequence", "seq(S)"}, {"additional_inputs", "", Arity::kVariadic}},
                .outputs = {{"out_sequence", "", Arity::kVariadic}},
                .attributes = {{"body", Attribute::Kind::kGraph, true}},
                .type_constraints = {{"S", kMovable}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
