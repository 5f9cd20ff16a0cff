// Clip: min and max are scalars that may be absent; where min > max, everything becomes max.
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

template <typename T>
std::optional<ExactType<T>> bound(const KernelContext& context, size_t index, const char* name) {
  if (!context.has_input(index)) return std::nullopt;
  const Tensor& tensor = context.input(index);
  if (tensor.count() != 1)
    fail(ErrorCode::kInvalidArgument, "input '{}' is {}, but a scalar was expected", name, tensor.describe());
  return to_exact(tensor.data<T>()[0]);
}

void compute_clip(KernelContext& context) {
  const Tensor& input = context.input(0);
  dispatch<Numbers>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto low = bound<T>(context, 1, "min"), high = bound<T>(context, 2, "max");
    map_elements<Elements<T>>(context, [&](auto x) {
      // Comparing this way lets NaN through.
      if (low && x < *low) x = *low;
      if (high && x > *high) x = *high;
      return x;
    });
  });
}

}  // namespace

void register_clip(Registry& registry) {
  registry.add({.name = "Clip",
                .since_version = 13,
                .inputs = {{"input", "T"}, {"min", "T", Arity::kOptional}, {"max", "T", Arity::kOptional}},
                .outputs = {{"output", "T"}},
                .type_constraints = {{"T", kNumbers}},
                .infer = infer_like_first_input,
                .compute = compute_clip,
                .footprint = footprint_elementwise,
                .flops = flops_elementwise});
}

}  // namespace slipway::ops
