// LpPool and GlobalLpPool: the p-norm of each window.
#include <cmath>

#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/pooling.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

double order_of(const Node& node) {
  const int64_t p = node.int_attribute("p", 2);
  if (p < 1) fail(ErrorCode::kInvalidModel, "attribute 'p' is {}, but a norm's order is at least 1", p);
  return static_cast<double>(p);
}

void pool(KernelContext& context, const Window& window, const Dims& out) {
  const double p = order_of(context.node());
  const Tensor input = exact_input(context, 0);
  Tensor norms(DataType::kDouble, out);
  const Dims plane_out(out.begin() + 2, out.end());
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const double* in = input.data<double>().data();
  double* to = norms.data<double>().data();
  WindowWalk taps(window, input.dims());
  for (int64_t i = 0; i < out[0] * out[1]; ++i, in += plane)
    for (IndexWalk walk(plane_out); !walk.done(); walk.next()) {
      double sum = 0;
      taps.move_to(walk.index());
      taps.visit([&](int64_t offset, int64_t) { sum += std::pow(std::abs(in[offset]), p); });
      *to++ = std::pow(sum, 1 / p);
    }
  round_to_output(context, 0, context.input(0).type(), norms);
}

void compute_lp_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  const Window window = window_of(context.node(), in, {});
  pool(context, window, pooled_dims(context.node(), in, window));
}

void compute_global_lp_pool(KernelContext& context) {
  const Dims& in = context.input(0).dims();
  pool(context, global_window(in), globally_pooled_dims(in));
}

void infer_lp_pool(InferenceContext& context) {
  order_of(context.node());
  infer_pool(context);
}

void infer_global_lp_pool(InferenceContext& context) {
  order_of(context.node());
  infer_global_pool(context);
}

}  // namespace

void register_lp_pool(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "LpPool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"auto_pad", Kind::kString},
                               {"ceil_mode", Kind::kInt},
                               {"dilations", Kind::kInts},
                               {"kernel_shape", Kind::kInts, true},
                               {"p", Kind::kInt},
                               {"pads", Kind::kInts},
                               {"strides", Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_lp_pool,
                .compute = compute_lp_pool,
                .footprint = pool_footprint});
  registry.add({.name = "GlobalLpPool",
                .since_version = 22,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"p", Kind::kInt}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_global_lp_pool,
                .compute = compute_global_lp_pool});
}

}  // namespace slipway::ops
