// BitCast: the bits of each element, read as another type of the same width.
#include <cstring>

#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

DataType target_type(const Node& node, DataType from) {
  const DataType to = type_attribute(node, "to", DataType::kUndefined);
  if (to == DataType::kString || (from != DataType::kUndefined && bits_of(from) != bits_of(to)))
    fail(ErrorCode::kInvalidModel, "elements of type {} have not as many bits as those of type {}",
         name_of(from), name_of(to));
  return to;
}

void infer(InferenceContext& context) {
  const DataType to = target_type(context.node(), context.input_element_type(0));
  context.set_output_type(0, Type::tensor(to, context.input_shape(0)));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  Tensor& output = context.make_output(0, target_type(context.node(), input.type()), input.dims());
  if (output.empty()) return;
  std::memcpy(output.raw(), input.raw(), input.bytes());
  // Nothing but 0 and 1 is a bool.
  if (output.type() == DataType::kBool)
    for (auto& byte : std::span(static_cast<uint8_t*>(output.raw()), output.bytes())) byte = byte != 0;
}

constexpr TypeSet kTypes =
    kNumbers | kFloat8s | kPacked | TypeSet{DataType::kBool, DataType::kComplex64, DataType::kComplex128};

}  // namespace

void register_bit_cast(Registry& registry) {
  registry.add({.name = "BitCast",
                .since_version = 26,
                .inputs = {{"input", "T1"}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"to", Attribute::Kind::kInt, true}},
                .type_constraints = {{"T1", kTypes}, {"T2", kTypes}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
