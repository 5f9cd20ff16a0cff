// Sum, Mean, Min, Max: any number of tensors, broadcast together.
#include <algorithm>

#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// Combines the inputs one after the other without rounding in between, then rounds finish(result).
template <typename List, typename Combine, typename Finish>
void accumulate(KernelContext& context, Combine combine, Finish finish) {
  Dims dims = context.input(0).dims();
  for (size_t i = 1; i < context.input_count(); ++i) dims = broadcast_dims(dims, context.input(i).dims());
  const DataType type = context.input(0).type();
  dispatch<List>(type, [&]<typename T>(ElementType<T>) {
    const auto out = context.make_output(0, type, dims).template data<T>();
    CountedVector<ExactType<T>> sums(out.size());
    for (size_t input = 0; input < context.input_count(); ++input) {
      const auto in = context.input(input).data<T>();
      StridedWalk<1> at(dims, {broadcast_strides(context.input(input).dims(), dims)});
      for (size_t i = 0; i < sums.size(); ++i, at.next()) {
        const auto value = to_exact(in[static_cast<size_t>(at[0])]);
        sums[i] = input == 0 ? value : combine(sums[i], value);
      }
    }
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(finish(sums[i]));
  });
}

constexpr auto kAsItIs = [](auto value) { return value; };

void compute_sum(KernelContext& context) {
  accumulate<Floats>(context, [](double a, double b) { return a + b; }, kAsItIs);
}

void compute_mean(KernelContext& context) {
  const auto count = static_cast<double>(context.input_count());
  accumulate<Floats>(
      context, [](double a, double b) { return a + b; }, [=](double sum) { return sum / count; });
}

// NaN wins: it differs from itself.
void compute_min(KernelContext& context) {
  accumulate<Numbers>(context, [](auto a, auto b) { return b < a || b != b ? b : a; }, kAsItIs);
}
void compute_max(KernelContext& context) {
  accumulate<Numbers>(context, [](auto a, auto b) { return b > a || b != b ? b : a; }, kAsItIs);
}

Operator variadic(std::string_view name, std::string_view output, TypeSet types,
                  void (*compute)(KernelContext&)) {
  return {.name = name,
          .since_version = 13,
          .inputs = {{"data_0", "T", Arity::kVariadic}},
          .outputs = {{output, "T"}},
          .type_constraints = {{"T", types}},
          .min_inputs = 1,
          .infer = infer_broadcast,
          .compute = compute,
          .footprint = footprint_elementwise,
          .flops = flops_elementwise};
}

}  // namespace

void register_sum_min_max(Registry& registry) {
  registry.add(variadic("Sum", "sum", kFloats, compute_sum));
  registry.add(variadic("Mean", "mean", kFloats, compute_mean));
  registry.add(variadic("Min", "min", kNumbers, compute_min));
  registry.add(variadic("Max", "max", kNumbers, compute_max));
}

}  // namespace slipway::ops
