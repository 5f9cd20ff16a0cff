// Matrix products of quantised elements, and the LSTM made of them.
#include "onnx/opset/contrib/quantized_products.hpp"

#include "onnx/opset/contrib/quantized.hpp"
#include "onnx/opset/contrib/rules.hpp"

namespace slipway::contrib_rule {
namespace {

// The exact sums, times the product of both scales.
Value* scaled_sums(NodeConversion& upgrade, Value* sums, Value* a_scale, Value* b_scale) {
  Value* real = upgrade.make("CastLike", {sums, a_scale});
  return upgrade.make("Mul", {real, upgrade.make("Mul", {a_scale, b_scale})});
}

}  // namespace

Value* real_product(NodeConversion& upgrade, const QuantizedProduct& product) {
  Value* sums =
      upgrade.make("MatMulInteger", {product.a, product.b, product.a_zero_point, product.b_zero_point});
  Value* real = scaled_sums(upgrade, sums, product.a_scale, product.b_scale);
  return product.bias ? upgrade.make("Add", {real, product.bias}) : real;
}

void dynamic_quantize_matmul(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  Node* a = upgrade.insert("DynamicQuantizeLinear", {node.input(0)}, 3);
  upgrade.finish(real_product(upgrade, {.a = a->output(0),
                                        .a_scale = a->output(1),
                                        .a_zero_point = a->output(2),
                                        .b = node.input(1),
                                        .b_scale = node.input(2),
                                        .b_zero_point = node.input(3),
                                        .bias = node.input(4)}));
}

void matmul_integer_to_float(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  upgrade.finish(real_product(upgrade, {.a = node.input(0),
                                        .a_scale = node.input(2),
                                        .a_zero_point = node.input(4),
                                        .b = node.input(1),
                                        .b_scale = node.input(3),
                                        .b_zero_point = node.input(5),
                                        .bias = node.input(6)}));
}

// alpha · A' · B' + C, where C has the scale of the product. Without a scale of its own the result is real.
void quantized_gemm(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  enum : uint8_t { kA, kAScale, kAZeroPoint, kB, kBScale, kBZeroPoint, kC, kYScale, kYZeroPoint };
  const auto transposed = [&](size_t input, const char* attribute) {
    if (upgrade.take_int(attribute).value_or(0) == 0) return node.input(input);
    return upgrade.make("Transpose", {node.input(input)}, {{"perm", std::vector<int64_t>{1, 0}}});
  };
  Value* sums = upgrade.make("MatMulInteger", {transposed(kA, "transA"), transposed(kB, "transB"),
                                               node.input(kAZeroPoint), node.input(kBZeroPoint)});
  if (node.input(kC)) sums = upgrade.make("Add", {sums, node.input(kC)});
  Value* real = scaled_sums(upgrade, sums, node.input(kAScale), node.input(kBScale));
  const float alpha = upgrade.take_float("alpha").value_or(1);
  if (alpha != 1) real = upgrade.make("Mul", {real, upgrade.add_scalar_like(node.input(kAScale), alpha)});
  if (!node.input(kYScale)) return upgrade.finish(real);
  finish_quantized(upgrade, real, kYScale, kA);
}

// ONNX Runtime quantises what is multiplied with the weights at every step, too, which costs accuracy and
// means nothing else.
void dynamic_quantize_lstm(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const auto real_weights = [&](size_t weights, size_t scale) {
    // [directions, 4 * hidden, inputs] is the standard's order, and scales are one a direction or one a row.
    Value* rows = upgrade.make("Transpose", {node.input(weights)}, {{"perm", std::vector<int64_t>{0, 2, 1}}});
    const auto over_rows = [&](Value* parameter) {
      const auto rank = upgrade.rank(parameter);
      if (!rank) upgrade.refuse("the rank of its scales is not known");
      return upgrade.make("Unsqueeze", {parameter, upgrade.add_list(*rank == 1 ? std::vector<int64_t>{1, 2}
                                                                               : std::vector<int64_t>{2})});
    };
    Value* real = upgrade.make("CastLike", {rows, node.input(0)});
    Value* zero_points = upgrade.make("CastLike", {over_rows(node.input(scale + 1)), node.input(0)});
    return upgrade.make("Mul", {upgrade.make("Sub", {real, zero_points}), over_rows(node.input(scale))});
  };
  Value *weights = real_weights(1, 8), *recurrence = real_weights(2, 10);
  upgrade.become("LSTM", {node.input(0), weights, recurrence, node.input(3), node.input(4), node.input(5),
                          node.input(6), node.input(7)});
}

}  // namespace slipway::contrib_rule
