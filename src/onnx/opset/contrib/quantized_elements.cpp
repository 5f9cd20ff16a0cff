// Operators on quantised elements: they mean what the standard's mean on the real numbers.
#include "onnx/opset/contrib/layouts.hpp"
#include "onnx/opset/contrib/quantized.hpp"
#include "onnx/opset/contrib/rules.hpp"

namespace slipway::contrib_rule {

Value* real_input(NodeConversion& upgrade, size_t first) {
  const Node& node = upgrade.node();
  return upgrade.make("DequantizeLinear", {node.input(first), node.input(first + 1), node.input(first + 2)});
}

void finish_quantized(NodeConversion& upgrade, Value* real, size_t scale, size_t like) {
  const Node& node = upgrade.node();
  Value* zero_point = node.input(scale + 1);
  if (!zero_point) {
    const Value* elements = node.input(like);
    zero_point = upgrade.add_scalar_like(elements, 0);
    if (upgrade.element_type(elements) == DataType::kUndefined)
      zero_point = upgrade.make("CastLike", {zero_point, node.input(like)});
  }
  upgrade.finish(upgrade.make("QuantizeLinear", {real, node.input(scale), zero_point}));
}

void quantized_add(NodeConversion& upgrade) {
  Value* sum = upgrade.make("Add", {real_input(upgrade, 0), real_input(upgrade, 3)});
  finish_quantized(upgrade, sum, 6, 0);
}

void quantized_mul(NodeConversion& upgrade) {
  Value* product = upgrade.make("Mul", {real_input(upgrade, 0), real_input(upgrade, 3)});
  finish_quantized(upgrade, product, 6, 0);
}

void quantized_sigmoid(NodeConversion& upgrade) {
  finish_quantized(upgrade, upgrade.make("Sigmoid", {real_input(upgrade, 0)}), 3, 0);
}

void quantized_leaky_relu(NodeConversion& upgrade) {
  finish_quantized(upgrade, upgrade.make_inheriting("LeakyRelu", {real_input(upgrade, 0)}), 3, 0);
}

// Attribute opset says whose Softmax it is: before 13 all axes from the given one on were one.
void quantized_softmax(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const auto opset = upgrade.take_int("opset").value_or(13);
  const auto axis = upgrade.take_int("axis").value_or(-1);
  const auto rank = upgrade.rank(node.input(0));
  const bool last = axis == -1 || (rank && axis == static_cast<int64_t>(*rank) - 1);
  Value* real = real_input(upgrade, 0);
  if (opset >= 13 || last)
    return finish_quantized(upgrade, upgrade.make("Softmax", {real}, {{"axis", axis}}), 3, 0);
  Value* rows = upgrade.make("Flatten", {real}, {{"axis", axis}});
  rows = upgrade.make("Softmax", {rows}, {{"axis", -1}});
  Value* shape = upgrade.make("Shape", {node.input(0)});
  finish_quantized(upgrade, upgrade.make("Reshape", {rows, shape}), 3, 0);
}

void quantized_concat(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  std::vector<Value*> parts;
  for (size_t first = 2; first < node.inputs().size(); first += 3)
    parts.push_back(real_input(upgrade, first));
  finish_quantized(upgrade, upgrade.make_inheriting("Concat", parts), 0, 2);
}

void quantized_where(NodeConversion& upgrade) {
  Value* chosen =
      upgrade.make("Where", {upgrade.node().input(0), real_input(upgrade, 1), real_input(upgrade, 4)});
  finish_quantized(upgrade, chosen, 7, 1);
}

namespace {

void pool(NodeConversion& upgrade, const char* op_type) {
  const bool channels_last = upgrade.take_int("channels_last").value_or(0) != 0;
  Value* image = real_input(upgrade, 0);
  if (!channels_last) return finish_quantized(upgrade, upgrade.make_inheriting(op_type, {image}), 3, 0);
  const size_t rank = spatial_rank(upgrade);
  Value* pooled = upgrade.make_inheriting(op_type, {to_channels_first(upgrade, image, rank)});
  finish_quantized(upgrade, to_channels_last(upgrade, pooled, rank), 3, 0);
}

}  // namespace

void quantized_average_pool(NodeConversion& upgrade) {
  pool(upgrade, "AveragePool");
}

void quantized_global_average_pool(NodeConversion& upgrade) {
  pool(upgrade, "GlobalAveragePool");
}

}  // namespace slipway::contrib_rule
