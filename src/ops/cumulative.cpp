// CumSum and CumProd: running sums and products along an axis.
#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

size_t axis_of(const std::vector<int64_t>& axis, size_t rank) {
  if (axis.size() != 1)
    fail(ErrorCode::kInvalidArgument, "input 'axis' has {} elements, but one was expected", axis.size());
  return normalize_axis(axis.front(), rank);
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  const auto axis = context.input_integers(1, "the axis");
  if (const auto& shape = context.input_shape(0); shape && axis) axis_of(*axis, shape->size());
}

// out = start, combine(start, x0), combine(that, x1), …; without `start` itself unless exclusive.
template <typename Combine>
void accumulate(KernelContext& context, int start, Combine combine) {
  const Tensor& x = context.input(0);
  const AxisSplit split = split_at(x.dims(), axis_of(read_integers(context.input(1), "the axis"), x.rank()));
  const bool exclusive = context.node().int_attribute("exclusive", 0) != 0;
  const bool reverse = context.node().int_attribute("reverse", 0) != 0;
  Tensor& output = context.make_output(0, x.type(), x.dims());
  if (output.empty()) return;
  dispatch<WideNumbers>(x.type(), [&]<typename T>(ElementType<T>) {
    const auto in = x.data<T>();
    const auto out = output.data<T>();
    for_each_line(split, [&](int64_t first) {
      auto total = static_cast<ExactType<T>>(start);
      for (int64_t i = 0; i < split.size; ++i) {
        const int64_t row = reverse ? split.size - 1 - i : i;
        const auto at = static_cast<size_t>(first + row * split.inner);
        const auto next = combine(total, to_exact(in[at]));
        out[at] = static_cast<T>(exclusive ? total : next);
        total = next;
      }
    });
  });
}

void compute_cum_sum(KernelContext& context) {
  accumulate(context, 0, [](auto a, auto b) { return wrapping_add(a, b); });
}

void compute_cum_prod(KernelContext& context) {
  accumulate(context, 1, [](auto a, auto b) { return wrapping_multiply(a, b); });
}

Operator cumulative(std::string_view name, int since_version, void (*compute)(KernelContext&)) {
  using Kind = Attribute::Kind;
  return {.name = name,
          .since_version = since_version,
          .inputs = {{"x", "T"}, {"axis", "T2"}},
          .outputs = {{"y", "T"}},
          .attributes = {{"exclusive", Kind::kInt}, {"reverse", Kind::kInt}},
          .type_constraints = {{"T", kWideNumbers}, {"T2", {DataType::kInt32, DataType::kInt64}}},
          .infer = infer,
          .compute = compute};
}

}  // namespace

void register_cumulative(Registry& registry) {
  registry.add(cumulative("CumSum", 14, compute_cum_sum));
  registry.add(cumulative("CumProd", 26, compute_cum_prod));
}

}  // namespace slipway::ops
