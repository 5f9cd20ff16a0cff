// Random numbers. ONNX draws them from the same distributions, but not the same ones as PyTorch.
#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// The type in which ONNX draws numbers for this one.
DataType type_to_draw(DataType type) {
  return is_floating_point(type) && type != DataType::kBfloat16 ? type : DataType::kFloat;
}

// RandomUniform or RandomNormal of the result's sizes; parameters are the attributes beyond their defaults.
Value* draw(Conversion& c, const std::string& op_type, DataType type, Attributes parameters) {
  const Shape& sizes = c.result_meta().sizes;
  if (type != DataType::kFloat) parameters.emplace_back("dtype", type);
  if (all_known(sizes)) {
    parameters.emplace_back("shape", known_dims(sizes));
    return c.emit(op_type, {}, parameters);
  }
  Value* like = nullptr;
  if (c.has("size"))
    like = c.emit("ConstantOfShape", {c.sizes("size")});
  else
    like = c.has("self") && !c.is_number("self") ? c.tensor("self")
                                                 : c.emit("ConstantOfShape", {c.shape(sizes)});
  // The type is stated, whatever `like` has.
  if (type == DataType::kFloat) parameters.emplace_back("dtype", type);
  return c.emit(op_type + "Like", {like}, parameters);
}

void draw_result(Conversion& c, const std::string& op_type, const Attributes& parameters = {}) {
  const DataType type = c.result_meta().type, drawn = type_to_draw(type);
  c.result(converted(c, draw(c, op_type, drawn, parameters), drawn, type));
}

}  // namespace

void convert_rand(Conversion& c) {
  draw_result(c, "RandomUniform");
}

void convert_randn(Conversion& c) {
  draw_result(c, "RandomNormal");
}

// uniform: from `from` to `to`
void convert_uniform(Conversion& c) {
  draw_result(c, "RandomUniform", {{"low", c.number("from", 0)}, {"high", c.number("to", 1)}});
}

// normal, normal_functional: with numbers for mean and deviation, or tensors of them
void convert_normal(Conversion& c) {
  const auto is_number = [&](std::string_view argument) {
    return !c.has(argument) || c.is_constant(argument);
  };
  const bool given = (c.has("mean") && !c.is_number("mean")) || (c.has("std") && !c.is_number("std"));
  if (!given && is_number("mean") && is_number("std"))
    return draw_result(c, "RandomNormal", {{"mean", c.number("mean", 0)}, {"scale", c.number("std", 1)}});
  const DataType type = c.result_meta().type;
  Value* number = draw(c, "RandomNormal", type, {});
  if (c.has("std")) number = c.emit("Mul", {number, operand(c, "std", type)});
  c.result(c.has("mean") ? c.emit("Add", {number, operand(c, "mean", type)}) : number);
}

// randint, randint_like: whole numbers from low to high - 1
void convert_randint(Conversion& c) {
  const DataType type = c.result_meta().type;
  const double low = c.number("low", 0), high = c.number("high");
  // f64 holds every number up to 2^53.
  Value* drawn = draw(c, "RandomUniform", DataType::kDouble, {{"low", low}, {"high", high}});
  // Rounding may reach the upper end, which does not belong to them.
  Value* inside = c.emit("Min", {c.emit("Floor", {drawn}), c.scalar(DataType::kDouble, high - 1)});
  c.result(converted(c, inside, DataType::kDouble, type));
}

// randperm: the order in which random numbers would be sorted
void convert_randperm(Conversion& c) {
  if (c.result_meta().sizes.size() != 1) c.refuse("its result has more axes than one, or none");
  Value* drawn = draw(c, "RandomUniform", DataType::kDouble, {});
  Value* count = c.shape_of(drawn, c.result_meta(), 0, 1);
  Value* order = c.emit_several("TopK", {drawn, count}, 2)[1];
  c.result(converted(c, order, DataType::kInt64, c.result_meta().type));
}

// bernoulli: 1 with the probability that self says, or `p` for all
void convert_bernoulli(Conversion& c) {
  if (!c.has("p")) return c.result(c.emit("Bernoulli", {c.tensor("self")}));
  const DataType type = c.result_meta().type;
  Value* drawn = draw(c, "RandomUniform", DataType::kFloat, {});
  Value* chosen = c.emit("Less", {drawn, operand(c, "p", DataType::kFloat)});
  c.result(converted(c, chosen, DataType::kBool, type));
}

}  // namespace slipway::torch::aten
