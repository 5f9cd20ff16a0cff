// ai.onnx.ml's Binarizer, Imputer, Normalizer and Scaler: features, along the last axis, made comparable.
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Features = Elements<float, double, int64_t, int32_t>;

size_t feature_count(const Tensor& input) {
  return input.rank() == 0 ? 1 : static_cast<size_t>(input.dims().back());
}

// One number for all features, or one for each.
template <typename T>
void check_list(const std::vector<T>& list, std::string_view name, size_t features) {
  if (list.size() != 1 && list.size() != features)
    fail(ErrorCode::kInvalidModel, "'{}' has {} elements for {} features", name, list.size(), features);
}

void infer_float(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kFloat, context.input_shape(0)));
}

void compute_binarizer(KernelContext& context) {
  const float threshold = context.node().float_attribute("threshold", 0);
  map_elements<Features>(context, [threshold](auto x) {
    return static_cast<decltype(x)>(static_cast<double>(x) > static_cast<double>(threshold) ? 1 : 0);
  });
}

template <typename T>
void impute(KernelContext& context, const auto& values, std::string_view name, auto replaced) {
  const Tensor& input = context.input(0);
  const size_t features = feature_count(input);
  check_list(values, name, features);
  const auto in = input.data<T>();
  const auto out = context.make_output(0, input.type(), input.dims()).template data<T>();
  for (size_t i = 0; i < in.size(); ++i) {
    const auto element = static_cast<decltype(replaced)>(in[i]);
    bool missing = element == replaced;
    if constexpr (std::is_same_v<decltype(replaced), float>)
      missing = missing || (std::isnan(element) && std::isnan(replaced));
    out[i] = missing ? static_cast<T>(values[values.size() == 1 ? 0 : i % features]) : in[i];
  }
}

void compute_imputer(KernelContext& context) {
  const Node& node = context.node();
  dispatch<Features>(context.input(0).type(), [&]<typename T>(ElementType<T>) {
    if constexpr (std::is_integral_v<T>)
      impute<T>(context, node.ints_attribute("imputed_value_int64s", {}), "imputed_value_int64s",
                node.int_attribute("replaced_value_int64", 0));
    else
      impute<T>(context, node.floats_attribute("imputed_value_floats", {}), "imputed_value_floats",
                node.float_attribute("replaced_value_float", 0));
  });
}

// By what the features of one example are divided. As ONNX Runtime has it, MAX takes the largest feature and
// not the largest absolute value.
double norm_of(std::span<const double> row, std::string_view norm) {
  double result = norm == "MAX" ? -std::numeric_limits<double>::infinity() : 0;
  for (double x : row)
    result = norm == "MAX" ? std::max(result, x) : result + (norm == "L1" ? std::abs(x) : x * x);
  return norm == "L2" ? std::sqrt(result) : result;
}

void compute_normalizer(KernelContext& context) {
  const std::string norm = context.node().string_attribute("norm", "MAX");
  if (norm != "MAX" && norm != "L1" && norm != "L2")
    fail(ErrorCode::kInvalidModel, "norm is '{}', but MAX, L1 or L2 was expected", norm);
  const Tensor& input = context.input(0);
  Tensor numbers = context.allocate(DataType::kDouble, input.dims());
  cast_elements(input, numbers);
  const auto elements = numbers.data<double>();
  const size_t features = feature_count(input);
  for (size_t begin = 0; begin < elements.size(); begin += features) {
    const auto row = elements.subspan(begin, features);
    const double divisor = norm_of(row, norm);
    if (divisor != 0)
      for (double& x : row) x /= divisor;
  }
  cast_elements(numbers, context.make_output(0, DataType::kFloat, input.dims()));
}

void compute_scaler(KernelContext& context) {
  const Tensor& input = context.input(0);
  const std::vector<float> offset = context.node().floats_attribute("offset", {0});
  const std::vector<float> scale = context.node().floats_attribute("scale", {1});
  const size_t features = feature_count(input);
  check_list(offset, "offset", features);
  check_list(scale, "scale", features);
  dispatch<Features>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto in = input.data<T>();
    const auto out = context.make_output(0, DataType::kFloat, input.dims()).template data<float>();
    for (size_t i = 0; i < in.size(); ++i) {
      const double moved =
          static_cast<double>(in[i]) - static_cast<double>(offset[offset.size() == 1 ? 0 : i % features]);
      out[i] = static_cast<float>(moved * static_cast<double>(scale[scale.size() == 1 ? 0 : i % features]));
    }
  });
}

Operator on_features(std::string_view name, std::string_view output, std::vector<AttributeSpec> attributes,
                     void (*infer)(InferenceContext&), void (*compute)(KernelContext&)) {
  return {
      .name = name,
      .domain = "ai.onnx.ml",
      .inputs = {{"X", "T"}},
      .outputs = {{"Y", output}},
      .attributes = std::move(attributes),
      .type_constraints = {{"T", {DataType::kFloat, DataType::kDouble, DataType::kInt64, DataType::kInt32}}},
      .infer = infer,
      .compute = compute};
}

}  // namespace

void register_feature_scaling(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(on_features("Binarizer", "T", {{"threshold", Kind::kFloat}}, infer_like_first_input,
                           compute_binarizer));
  registry.add(on_features("Imputer", "T",
                           {{"imputed_value_floats", Kind::kFloats},
                            {"imputed_value_int64s", Kind::kInts},
                            {"replaced_value_float", Kind::kFloat},
                            {"replaced_value_int64", Kind::kInt}},
                           infer_like_first_input, compute_imputer));
  registry.add(
      on_features("Normalizer", "tensor(float)", {{"norm", Kind::kString}}, infer_float, compute_normalizer));
  registry.add(on_features("Scaler", "tensor(float)", {{"offset", Kind::kFloats}, {"scale", Kind::kFloats}},
                           infer_float, compute_scaler));
}

}  // namespace slipway::ops
