// Quantising and back: the operators of PyTorch's quantisers (quantized_decomposed), and those that only
// round while the type stays (fake_quantize).
#include <fmt/format.h>

#include <limits>

#include "ops/element_dispatch.hpp"
#include "torch/aten/normalization.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/ir/call_arguments.hpp"

namespace slipway::torch::aten {
namespace {

struct Bounds {
  int64_t lowest, highest;
  friend bool operator==(const Bounds&, const Bounds&) = default;
};

std::optional<Bounds> bounds_of(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return Bounds{-128, 127};
    case DataType::kUint8:
      return Bounds{0, 255};
    case DataType::kInt16:
      return Bounds{-32768, 32767};
    case DataType::kUint16:
      return Bounds{0, 65535};
    default:
      return {};
  }
}

// A scale or zero point: a number, or a tensor of one, or one for each channel.
Value* parameter(Conversion& c, const char* one, const char* many, DataType type) {
  const char* argument = c.has(one) ? one : many;
  Value* value = operand(c, argument, type);
  if (!c.is_number(argument) && std::string_view(argument) == one && c.rank(argument) == 1 &&
      c.meta(argument).sizes[0] == Dim(1))
    value = c.emit("Squeeze", {value, c.ints({0})});
  return value;
}

Value* scale(Conversion& c, DataType type) {
  return parameter(c, "scale", "scales", type);
}

Value* zero_point(Conversion& c, DataType type) {
  if (!c.has("zero_point") && !c.has("zero_points")) return c.scalar(type, int64_t{0});
  return parameter(c, "zero_point", "zero_points", type);
}

Attributes axis_attribute(const Conversion& c, const char* input) {
  if (!c.has("axis")) return {};
  const int64_t axis = c.axis("axis", c.rank(input));
  return axis == 1 ? Attributes{} : Attributes{{"axis", axis}};
}

// A range within the type's. ONNX has no Clip for all of them: it clips reals before.
Bounds range_of(const Conversion& c, DataType type) {
  const auto all = bounds_of(type);
  if (!all) c.refuse(fmt::format("{} is no type that ONNX quantises to", name_of(type)));
  return {c.integer("quant_min", all->lowest), c.integer("quant_max", all->highest)};
}

Value* quantized(Conversion& c, const char* input, DataType type, const Bounds& range) {
  const DataType real = c.meta(input).type;
  Value* value = c.tensor(input);
  Value* made =
      c.emit("QuantizeLinear", {value, scale(c, real), zero_point(c, type)}, axis_attribute(c, input));
  if (range == *bounds_of(type)) return made;
  return c.emit("Min", {c.emit("Max", {made, c.scalar(type, range.lowest)}), c.scalar(type, range.highest)});
}

// The first type that holds such a range.
DataType type_for(const Conversion& c, const Bounds& range) {
  for (const DataType candidate : {DataType::kUint8, DataType::kInt8, DataType::kInt16}) {
    const Bounds all = *bounds_of(candidate);
    if (range.lowest >= all.lowest && range.highest <= all.highest) return candidate;
  }
  c.refuse(fmt::format("its range from {} to {} is that of no type", range.lowest, range.highest));
}

// Where the number falls into the range before it is clipped.
Value* falls_into(Conversion& c, const Bounds& range) {
  const DataType real = c.meta("self").type;
  Value *step = scale(c, real), *zero = zero_point(c, real);
  if (c.has("axis") && c.rank("self") > 0) {
    Shape sizes(static_cast<size_t>(c.rank("self")), 1);
    const auto axis = static_cast<size_t>(c.axis("axis", c.rank("self")));
    sizes[axis] = c.meta("self").sizes[axis];
    step = reshape(c, step, {sizes[axis]}, sizes);
    zero = reshape(c, zero, {sizes[axis]}, sizes);
  }
  Value* number = c.emit("Add", {c.emit("Round", {c.emit("Div", {c.tensor("self"), step})}), zero});
  Value* above = c.emit("GreaterOrEqual", {number, c.scalar(real, range.lowest)});
  return c.emit("And", {above, c.emit("LessOrEqual", {number, c.scalar(real, range.highest)})});
}

// Does the program say that the tensor is full of ones? The decomposition of fake_quantize does.
bool is_one(const ir::Value& tensor) {
  if (!tensor.maker || !tensor.maker->target.starts_with("aten.full.")) return false;
  const ir::Argument* filling = tensor.maker->find("fill_value");
  const auto* number = filling ? filling->as<ir::Int>() : nullptr;
  return number && number->is_constant() && number->constant == 1;
}

// fake_quant_enabled, a tensor of one number, decides whether anything is rounded: as a truth of rank 0.
// nullptr where the program says that it is 1.
Value* enabled(Conversion& c) {
  const char* argument = "fake_quant_enabled";
  if (!c.has(argument)) return nullptr;
  const ir::Value* tensor = ir::tensor_argument(c.call(), argument);
  if (tensor && is_one(*tensor)) return nullptr;
  return reshape(c, operand(c, argument, DataType::kBool), c.meta(argument).sizes, {});
}

}  // namespace

// quantized_decomposed.quantize_per_tensor, …_per_channel
void convert_quantize(Conversion& c) {
  const DataType type = c.type("dtype", c.result_meta().type);
  c.result(quantized(c, "input", type, range_of(c, type)));
}

// quantized_decomposed.dequantize_per_tensor, …_per_channel
void convert_dequantize(Conversion& c) {
  const DataType type = c.meta("input").type, real = c.result_meta().type;
  c.result(c.emit("DequantizeLinear", {c.tensor("input"), scale(c, real), zero_point(c, type)},
                  axis_attribute(c, "input")));
}

// fake_quantize_per_tensor_affine, fake_quantize_per_channel_affine, and those that return the mask of a
// gradient beside (cachemask).
void convert_fake_quantize(Conversion& c) {
  const Bounds range = {c.integer("quant_min"), c.integer("quant_max")};
  const DataType real = c.meta("self").type, type = type_for(c, range);
  if (!c.is_number("zero_point") && is_floating_point(c.meta("zero_point").type))
    c.refuse("its zero points are reals; ONNX has whole ones");
  Value* steps = quantized(c, "self", type, range);
  Value* rounded =
      c.emit("DequantizeLinear", {steps, scale(c, real), zero_point(c, type)}, axis_attribute(c, "self"));
  Value* condition = enabled(c);
  c.result(0, condition ? c.emit("Where", {condition, rounded, c.tensor("self")}) : rounded);
  if (!c.is_used(1)) return;
  Value* mask = falls_into(c, range);
  c.result(1, condition ? c.emit("Or", {c.emit("Not", {condition}), mask}) : mask);
}

}  // namespace slipway::torch::aten
