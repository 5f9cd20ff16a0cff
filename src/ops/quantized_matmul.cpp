// MatMulInteger and QLinearMatMul: products of quantised matrices, with zero points and scales for the whole
// matrix, the rows on the left or the columns on the right. Sums are exact as long as they are below 2^53.
#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/matmul_shapes.hpp"
#include "ops/quantization.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// A vector on the left has one entry a row.
Tensor left_parameter(Tensor parameter) {
  if (parameter.rank() != 1 || parameter.count() == 1) return parameter;
  const int64_t rows = parameter.count();
  return parameter.reshaped({rows, 1});
}

// elements[i] = combine(elements[i], the parameter's entry for i).
template <typename Combine>
void combine_broadcast(Tensor& tensor, const Tensor& parameter, Combine combine) {
  // One number is one number, whatever its rank.
  const Tensor entries = parameter.count() == 1 ? parameter.reshaped({}) : parameter;
  StridedWalk<1> at(tensor.dims(), {broadcast_strides(entries.dims(), tensor.dims())});
  const auto values = entries.data<double>();
  for (double& element : tensor.data<double>()) {
    element = combine(element, values[static_cast<size_t>(at[0])]);
    at.next();
  }
}

Tensor without_zero_point(Tensor tensor, const std::optional<Tensor>& zero_point) {
  if (zero_point) combine_broadcast(tensor, *zero_point, std::minus<>());
  return tensor;
}

Tensor multiply(const Tensor& a, const Tensor& b) {
  const MatMulShapes shapes = matmul_shapes(a.dims(), b.dims());
  Tensor product(DataType::kDouble, shapes.out);
  multiply_matrices<double>(shapes, a.data<double>(), b.data<double>(), product.data<double>());
  return product;
}

std::optional<Tensor> left_zero_point(const KernelContext& context, size_t index) {
  auto zero_point = exact_optional_input(context, index);
  return zero_point ? std::optional(left_parameter(*zero_point)) : std::nullopt;
}

// Sums that do not fit into 32 bits wrap, as the standard allows.
void compute_integer(KernelContext& context) {
  const Tensor a = without_zero_point(exact_input(context, 0), left_zero_point(context, 2));
  const Tensor b = without_zero_point(exact_input(context, 1), exact_optional_input(context, 3));
  round_to_output(context, 0, DataType::kInt32, multiply(a, b));
}

void compute_qlinear(KernelContext& context) {
  const Tensor a = without_zero_point(exact_input(context, 0), left_zero_point(context, 2));
  const Tensor b = without_zero_point(exact_input(context, 3), exact_optional_input(context, 5));
  const DataType type = context.input(7).type();
  const auto range = integer_range(type);
  Tensor product = multiply(a, b);
  // One factor for each element, as QLinearConv has it, so that there is one rounding where all are scalars.
  Tensor scales(DataType::kDouble, product.dims());
  std::ranges::fill(scales.data<double>(), 1.0);
  combine_broadcast(scales, left_parameter(exact_input(context, 1)), std::multiplies<>());
  combine_broadcast(scales, exact_input(context, 4), std::multiplies<>());
  combine_broadcast(scales, exact_input(context, 6), std::divides<>());
  std::ranges::transform(product.data<double>(), scales.data<double>(), product.data<double>().begin(),
                         std::multiplies<>());
  combine_broadcast(product, exact_input(context, 7),
                    [&](double scaled, double zero_point) { return quantized(scaled, zero_point, range); });
  round_to_output(context, 0, type, product);
}

void infer_integer(InferenceContext& context) {
  context.set_output_type(
      0, Type::tensor(DataType::kInt32, matmul_shape(context.input_shape(0), context.input_shape(1))));
}

void infer_qlinear(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(7),
                                          matmul_shape(context.input_shape(0), context.input_shape(3))));
}

constexpr TypeSet kBytes{DataType::kInt8, DataType::kUint8};

}  // namespace

void register_quantized_matmul(Registry& registry) {
  constexpr TypeSet kTypes = kBytes | TypeSet{DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz,
                                              DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz};
  registry.add({.name = "MatMulInteger",
                .since_version = 10,
                .inputs = {{"A", "T1"},
                           {"B", "T2"},
                           {"a_zero_point", "T1", Arity::kOptional},
                           {"b_zero_point", "T2", Arity::kOptional}},
                .outputs = {{"Y", "T3"}},
                .type_constraints = {{"T1", kBytes}, {"T2", kBytes}, {"T3", {DataType::kInt32}}},
                .infer = infer_integer,
                .compute = compute_integer});
  registry.add({.name = "QLinearMatMul",
                .since_version = 21,
                .inputs = {{"a", "T1"},
                           {"a_scale", "TS"},
                           {"a_zero_point", "T1"},
                           {"b", "T2"},
                           {"b_scale", "TS"},
                           {"b_zero_point", "T2"},
                           {"y_scale", "TS"},
                           {"y_zero_point", "T3"}},
                .outputs = {{"y", "T3"}},
                .type_constraints = {{"TS", {DataType::kFloat, DataType::kFloat16, DataType::kBfloat16}},
                                     {"T1", kTypes},
                                     {"T2", kTypes},
                                     {"T3", kTypes}},
                .infer = infer_qlinear,
                .compute = compute_qlinear});
}

}  // namespace slipway::ops
