// StringConcat: strings of two tensors one after the other, with broadcasting.
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void compute(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const Dims dims = broadcast_dims(a.dims(), b.dims());
  const auto left = a.data<Text>(), right = b.data<Text>();
  const auto joined = context.make_output(0, DataType::kString, dims).data<Text>();
  StridedWalk<2> at(dims, {broadcast_strides(a.dims(), dims), broadcast_strides(b.dims(), dims)});
  for (size_t i = 0; i < joined.size(); ++i, at.next())
    joined[i] = left[static_cast<size_t>(at[0])] + right[static_cast<size_t>(at[1])];
}

}  // namespace

void register_string_concat(Registry& registry) {
  registry.add({.name = "StringConcat",
                .since_version = 20,
                .inputs = {{"X", "T"}, {"Y", "T"}},
                .outputs = {{"Z", "T"}},
                .type_constraints = {{"T", {DataType::kString}}},
                .infer = infer_broadcast,
                .compute = compute});
}

}  // namespace slipway::ops
