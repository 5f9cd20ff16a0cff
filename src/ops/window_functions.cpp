// BlackmanWindow, HammingWindow, HannWindow: weights for the samples of a signal, sums of cosines.
#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"
#include "ops/type_attribute.hpp"

namespace slipway::ops {
namespace {

DataType output_type(const Node& node) {
  return type_attribute(node, "output_datatype", DataType::kFloat, kNumbers);
}

int64_t check_size(const std::vector<int64_t>& size) {
  if (size.size() != 1 || size[0] < 0)
    fail(ErrorCode::kInvalidArgument, "the size is {}, but one number from 0 on was expected",
         to_string(size));
  return size[0];
}

void infer(InferenceContext& context) {
  const auto size = context.input_integers(0, "the size");
  context.set_output_type(
      0, Type::tensor(output_type(context.node()), Shape{size ? Dim(check_size(*size)) : Dim()}));
}

// weight(n) = a0 - a1 cos(x) + a2 cos(2x), where x goes once around the circle.
void make_window(KernelContext& context, double a0, double a1, double a2) {
  const int64_t size = check_size(read_integers(context.input(0), "the size"));
  // A periodic window leaves out its last point, which is the next one's first.
  const int64_t period = context.node().int_attribute("periodic", 1) != 0 ? size : size - 1;
  Tensor window = context.allocate(DataType::kDouble, {size});
  const auto weights = window.data<double>();
  for (size_t n = 0; n < weights.size(); ++n) {
    const double x = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(period);
    weights[n] = period == 0 ? 1 : a0 - a1 * std::cos(x) + a2 * std::cos(2 * x);
  }
  cast_elements(window, context.make_output(0, output_type(context.node()), {size}));
}

void compute_blackman(KernelContext& context) {
  make_window(context, 0.42, 0.5, 0.08);
}

void compute_hamming(KernelContext& context) {
  make_window(context, 25.0 / 46, 21.0 / 46, 0);
}

void compute_hann(KernelContext& context) {
  make_window(context, 0.5, 0.5, 0);
}

Operator window_operator(std::string_view name, void (*compute)(KernelContext&)) {
  using Kind = Attribute::Kind;
  return {.name = name,
          .since_version = 17,
          .inputs = {{"size", "T1"}},
          .outputs = {{"output", "T2"}},
          .attributes = {{"output_datatype", Kind::kInt}, {"periodic", Kind::kInt}},
          .type_constraints = {{"T1", {DataType::kInt32, DataType::kInt64}}, {"T2", kNumbers}},
          .infer = infer,
          .compute = compute};
}

}  // namespace

void register_window_functions(Registry& registry) {
  registry.add(window_operator("BlackmanWindow", compute_blackman));
  registry.add(window_operator("HammingWindow", compute_hamming));
  registry.add(window_operator("HannWindow", compute_hann));
}

}  // namespace slipway::ops
