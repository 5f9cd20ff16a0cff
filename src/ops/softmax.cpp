// Softmax, LogSoftmax, Hardmax along one axis.
#include <algorithm>
#include <cmath>

#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// Applies transform(row) to every line of elements along the axis.
template <typename Transform>
void map_lines(KernelContext& context, Transform transform) {
  const Tensor& input = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", -1), input.rank());
  const AxisSplit split = split_at(input.dims(), axis);
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto in = input.data<T>();
    const auto out = context.make_output(0, input.type(), input.dims()).template data<T>();
    std::vector<double> line(static_cast<size_t>(split.size));
    for_each_line(split, [&](int64_t first) {
      const auto at = [&](size_t i) {
        return static_cast<size_t>(first + static_cast<int64_t>(i) * split.inner);
      };
      for (size_t i = 0; i < line.size(); ++i) line[i] = to_exact(in[at(i)]);
      transform(std::span<double>(line));
      for (size_t i = 0; i < line.size(); ++i) out[at(i)] = static_cast<T>(line[i]);
    });
  });
}

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
    std::vector<double> scaled(line.begin(), line.end());
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

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0))
    normalize_axis(context.node().int_attribute("axis", -1), shape->size());
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
          .infer = infer,
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
