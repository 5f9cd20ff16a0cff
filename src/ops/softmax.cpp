// Softmax, LogSoftmax, Hardmax along one axis.
#include <algorithm>
#include <cmath>

#include "ops/map_lines.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// exp(x - max) for all x, and their sum: no exponential overflows.
double exponentials(std::span<double> line) {
  const double max = line.empty() ? 0 : *std::max_element(line.begin(), line.end());
  double sum = 0;
  for (double& x : line) sum += x = std::exp(x - max);
  return sum;
}

void compute_softmax(KernelContext& context) {
  map_lines(context, [](std::span<double> line) {
    const double sum = exponentials(line);
    for (double& x : line) x /= sum;
  });
}

void compute_log_softmax(KernelContext& context) {
  map_lines(context, [](std::span<double> line) {
    CountedVector<double> scaled(line.begin(), line.end());
    const double max = line.empty() ? 0 : *std::max_element(line.begin(), line.end());
    const double log_sum = std::log(exponentials(scaled));
    for (double& x : line) x = x - max - log_sum;
  });
}

// 1 for the first largest element, 0 for the others.
void compute_hardmax(KernelContext& context) {
  map_lines(context, [](std::span<double> line) {
    const auto max = std::max_element(line.begin(), line.end()) - line.begin();
    std::fill(line.begin(), line.end(), 0.0);
    if (!line.empty()) line[static_cast<size_t>(max)] = 1;
  });
}

// Maximum, difference, exponential, sum, quotient.
double flops(const ShapeContext& context) {
  return 5 * static_cast<double>(element_count(context.outputs[0]));
}

Operator along_axis(std::string_view name, void (*compute)(KernelContext&)) {
  return {.name = name,
          .since_version = 13,
          .inputs = {{"input", "T"}},
          .outputs = {{"output", "T"}},
          .attributes = {{"axis", Attribute::Kind::kInt}},
          .type_constraints = {{"T", kFloats}},
          .infer = infer_lines,
          .compute = compute,
          .flops = flops};
}

}  // namespace

void register_softmax(Registry& registry) {
  registry.add(along_axis("Softmax", compute_softmax));
  registry.add(along_axis("LogSoftmax", compute_log_softmax));
  registry.add(along_axis("Hardmax", compute_hardmax));
}

}  // namespace slipway::ops
