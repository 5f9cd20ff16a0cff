// MeanVarianceNormalization: over axes, elements less their mean and divided by their standard deviation.
#include <cmath>

#include "ops/axes_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

std::vector<bool> axes_of(const Node& node, size_t rank) {
  return named_axes(node.ints_attribute("axes", {0, 2, 3}), rank);
}

void infer(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0)) axes_of(context.node(), shape->size());
}

void normalize(CountedVector<double>& line) {
  // The standard adds it to the deviation, not to the variance.
  constexpr double kEpsilon = 1e-9;
  const auto count = static_cast<double>(line.size());
  double sum = 0, squares = 0;
  for (double x : line) sum += x;
  const double mean = sum / count;
  for (double x : line) squares += (x - mean) * (x - mean);
  const double deviation = std::sqrt(squares / count) + kEpsilon;
  for (double& x : line) x = (x - mean) / deviation;
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const AxesSplit split(input.dims(), axes_of(context.node(), input.rank()));
  Tensor& output = context.make_output(0, input.type(), input.dims());
  if (output.empty()) return;
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const T* in = input.data<T>().data();
    T* out = output.data<T>().data();
    CountedVector<double> line(static_cast<size_t>(element_count(split.line_dims)));
    auto place = split.places(), along = split.line();
    for (int64_t i = element_count(split.place_dims); i > 0; --i, place.next()) {
      for (double& x : line) {
        x = to_exact(in[place[0] + along[0]]);
        along.next();
      }
      normalize(line);
      for (double x : line) {
        out[place[0] + along[0]] = static_cast<T>(x);
        along.next();
      }
    }
  });
}

}  // namespace

void register_mean_variance_normalization(Registry& registry) {
  registry.add({.name = "MeanVarianceNormalization",
                .since_version = 13,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"axes", Attribute::Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
