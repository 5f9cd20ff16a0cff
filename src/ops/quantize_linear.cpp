// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: between real numbers and few bits, by scales
// and zero points for the whole tensor, along an axis, or for blocks.
#include <algorithm>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/quantization.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

constexpr TypeSet kQuantized =
    TypeSet{DataType::kInt8, DataType::kUint8, DataType::kInt16, DataType::kUint16} |
    TypeSet{DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz, DataType::kFloat8e5m2,
            DataType::kFloat8e5m2fnuz} |
    kPacked;
constexpr TypeSet kHalvesAndFloat{DataType::kFloat, DataType::kFloat16, DataType::kBfloat16};

// The type that an attribute states; kUndefined when it does not.
DataType stated_type(const Node& node, const char* attribute, TypeSet allowed) {
  const int64_t number = node.int_attribute(attribute, 0);
  if (number == 0) return DataType::kUndefined;
  if (!is_data_type(number) || !allowed.contains(static_cast<DataType>(number)))
    fail(ErrorCode::kInvalidModel, "attribute '{}' is {}, but one of {} was expected", attribute, number,
         allowed.to_string());
  return static_cast<DataType>(number);
}

DataType quantized_type(const Node& node, DataType zero_point) {
  const DataType stated = stated_type(node, "output_dtype", kQuantized);
  if (zero_point == DataType::kUndefined) return stated == DataType::kUndefined ? DataType::kUint8 : stated;
  if (stated != DataType::kUndefined && stated != zero_point)
    fail(ErrorCode::kInvalidModel, "attribute 'output_dtype' says {}, but the zero point is {}",
         name_of(stated), name_of(zero_point));
  return zero_point;
}

DataType dequantized_type(const Node& node, DataType scale) {
  const DataType stated = stated_type(node, "output_dtype", kHalvesAndFloat);
  if (stated == DataType::kUndefined && scale == DataType::kFloat8e8m0)
    fail(ErrorCode::kInvalidModel,
         "the scale is f8e8m0, which no output can be: attribute 'output_dtype' must say its type");
  return stated == DataType::kUndefined ? scale : stated;
}

// In which type x / y_scale is calculated.
DataType division_type(const Node& node, DataType x, DataType scale) {
  const DataType stated = stated_type(node, "precision", kHalvesAndFloat | TypeSet{DataType::kDouble});
  if (stated != DataType::kUndefined) return stated;
  if (kHalvesAndFloat.contains(scale)) return scale;
  // Powers of two leave the precision to x; integers are divided as real numbers.
  return scale == DataType::kFloat8e8m0 && kHalvesAndFloat.contains(x) ? x : DataType::kDouble;
}

double rounded_to(DataType type, double value) {
  switch (type) {
    case DataType::kFloat:
      return static_cast<double>(static_cast<float>(value));
    case DataType::kFloat16:
      return to_exact(Float16(value));
    case DataType::kBfloat16:
      return to_exact(Bfloat16(value));
    default:
      return value;
  }
}

void check_zero_point(const Tensor& scale, const std::optional<Tensor>& zero_point) {
  if (zero_point && !same_entries(scale.dims(), zero_point->dims()))
    fail(ErrorCode::kInvalidModel, "the zero point has shape {}, but the scale has {}",
         to_string(zero_point->dims()), to_string(scale.dims()));
}

void compute_quantize(KernelContext& context) {
  const Node& node = context.node();
  const auto zero_points = exact_optional_input(context, 2);
  const DataType type = quantized_type(node, zero_points ? context.input(2).type() : DataType::kUndefined);
  const DataType division = division_type(node, context.input(0).type(), context.input(1).type());
  const auto range = integer_range(type);
  Tensor result = exact_input(context, 0);
  const Tensor scale = exact_input(context, 1);
  check_zero_point(scale, zero_points);
  const auto elements = result.data<double>();
  const auto scales = std::as_const(scale).data<double>();
  Granularity(node, result.dims(), scale.dims()).visit([&](size_t element, size_t index) {
    const double quotient = rounded_to(division, elements[element]) / rounded_to(division, scales[index]);
    const double zero_point = zero_points ? zero_points->data<double>()[index] : 0.0;
    elements[element] = quantized(rounded_to(division, quotient), zero_point, range);
  });
  const CastOptions options{.saturate = node.int_attribute("saturate", 1) != 0};
  cast_elements(result, context.make_output(0, type, result.dims()), options);
}

void compute_dequantize(KernelContext& context) {
  const Node& node = context.node();
  const DataType type = dequantized_type(node, context.input(1).type());
  const auto zero_points = exact_optional_input(context, 2);
  Tensor result = exact_input(context, 0);
  const Tensor scale = exact_input(context, 1);
  check_zero_point(scale, zero_points);
  const auto elements = result.data<double>();
  const auto scales = std::as_const(scale).data<double>();
  Granularity(node, result.dims(), scale.dims()).visit([&](size_t element, size_t index) {
    const double zero_point = zero_points ? zero_points->data<double>()[index] : 0.0;
    elements[element] = (elements[element] - zero_point) * scales[index];
  });
  round_to_output(context, 0, type, result);
}

// Each step in f32, as the operators do that the standard defines this one by.
void compute_dynamic(KernelContext& context) {
  const Tensor& input = context.input(0);
  const auto range = integer_range(DataType::kUint8);
  float lowest = 0, highest = 0;
  for (const float x : input.data<float>()) lowest = std::min(lowest, x), highest = std::max(highest, x);
  const float scale = (highest - lowest) / 255;
  const double zero_point = quantized(static_cast<double>(-lowest / scale), 0, range);
  const auto out = context.make_output(0, DataType::kUint8, input.dims()).data<uint8_t>();
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<uint8_t>(
        quantized(static_cast<double>(input.data<float>()[i] / scale), zero_point, range));
  context.make_output(1, DataType::kFloat, {}).data<float>()[0] = scale;
  context.make_output(2, DataType::kUint8, {}).data<uint8_t>()[0] = static_cast<uint8_t>(zero_point);
}

// The shapes, as far as they are numbers.
void check_granularity(const InferenceContext& context) {
  const auto &input = context.input_shape(0), &scale = context.input_shape(1);
  if (input && scale && all_known(*input) && all_known(*scale))
    Granularity(context.node(), known_dims(*input), known_dims(*scale));
}

void infer_quantize(InferenceContext& context) {
  const Node& node = context.node();
  stated_type(node, "precision", kHalvesAndFloat | TypeSet{DataType::kDouble});
  check_granularity(context);
  // A zero point of a type that is not known yet leaves the output's unknown too.
  const DataType zero_point = context.has_input(2) ? context.input_element_type(2) : DataType::kUndefined;
  const bool is_open = context.has_input(2) && zero_point == DataType::kUndefined &&
                       node.int_attribute("output_dtype", 0) == 0;
  const DataType type = is_open ? DataType::kUndefined : quantized_type(node, zero_point);
  context.set_output_type(0, Type::tensor(type, context.input_shape(0)));
}

void infer_dequantize(InferenceContext& context) {
  check_granularity(context);
  const DataType type = dequantized_type(context.node(), context.input_element_type(1));
  context.set_output_type(0, Type::tensor(type, context.input_shape(0)));
}

void infer_dynamic(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kUint8, context.input_shape(0)));
  context.set_output_type(1, Type::tensor(DataType::kFloat, Shape{}));
  context.set_output_type(2, Type::tensor(DataType::kUint8, Shape{}));
}

}  // namespace

void register_quantize_linear(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "QuantizeLinear",
       .since_version = 25,
       .inputs = {{"x", "T1"}, {"y_scale", "T2"}, {"y_zero_point", "T3", Arity::kOptional}},
       .outputs = {{"y", "T3"}},
       .attributes = {{"axis", Kind::kInt},
                      {"block_size", Kind::kInt},
                      {"output_dtype", Kind::kInt},
                      {"precision", Kind::kInt},
                      {"saturate", Kind::kInt}},
       .type_constraints = {{"T1", kHalvesAndFloat | TypeSet{DataType::kInt32}},
                            {"T2", kHalvesAndFloat | TypeSet{DataType::kInt32, DataType::kFloat8e8m0}},
                            {"T3", kQuantized}},
       .infer = infer_quantize,
       .compute = compute_quantize});
  registry.add(
      {.name = "DequantizeLinear",
       .since_version = 25,
       .inputs = {{"x", "T1"}, {"x_scale", "T2"}, {"x_zero_point", "T1", Arity::kOptional}},
       .outputs = {{"y", "T3"}},
       .attributes = {{"axis", Kind::kInt}, {"block_size", Kind::kInt}, {"output_dtype", Kind::kInt}},
       .type_constraints = {{"T1", kQuantized | TypeSet{DataType::kInt32}},
                            {"T2", kHalvesAndFloat | TypeSet{DataType::kFloat8e8m0}},
                            {"T3", kHalvesAndFloat}},
       .infer = infer_dequantize,
       .compute = compute_dequantize});
  registry.add({.name = "DynamicQuantizeLinear",
                .since_version = 11,
                .inputs = {{"x", "T1"}},
                .outputs = {{"y", "T2"}, {"y_scale", "tensor(float)"}, {"y_zero_point", "T2"}},
                .type_constraints = {{"T1", {DataType::kFloat}}, {"T2", {DataType::kUint8}}},
                .infer = infer_dynamic,
                .compute = compute_dynamic});
}

}  // namespace slipway::ops
