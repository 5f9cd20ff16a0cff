// LpNormalization: each line of elements divided by its norm; a line of zeros stays one.
#include <cmath>

#include "base/error.hpp"
#include "ops/map_lines.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

int64_t order_of(const Node& node) {
  const int64_t order = node.int_attribute("p", 2);
  if (order != 1 && order != 2)
    fail(ErrorCode::kInvalidModel, "attribute 'p' is {}, but 1 or 2 was expected", order);
  return order;
}

void infer(InferenceContext& context) {
  order_of(context.node());
  infer_lines(context);
}

void compute(KernelContext& context) {
  const int64_t order = order_of(context.node());
  map_lines(context, [order](std::span<double> line) {
    double sum = 0;
    for (double x : line) sum += order == 1 ? std::fabs(x) : x * x;
    const double norm = order == 1 ? sum : std::sqrt(sum);
    for (double& x : line) x = norm == 0 ? 0 : x / norm;
  });
}

}  // namespace

void register_lp_normalization(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "LpNormalization",
                .since_version = 22,
                .inputs = {{"input", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Kind::kInt}, {"p", Kind::kInt}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
