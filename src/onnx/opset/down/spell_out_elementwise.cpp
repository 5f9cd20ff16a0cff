// Operators that came later, in terms of older ones: those that work element by element.
#include <cmath>
#include <numbers>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

// The node becomes an operator of two inputs.
void become_plain(NodeConversion& down, const char* op_type, std::vector<Value*> inputs) {
  down.node().attributes().clear();
  down.become(op_type, inputs);
}

Value* or_equal(NodeConversion& down, const char* comparison) {
  Value *a = down.node().input(0), *b = down.node().input(1);
  return down.make(comparison, {a, b});
}

// x [N,C,...] → tanh(sqrt(2/pi) (x + 0.044715 x^3)) or erf(x / sqrt(2))
Value* gelu_curve(NodeConversion& down, Value* x, bool by_tanh) {
  if (!by_tanh)
    return down.make("Erf", {down.make("Div", {x, down.add_number_like(x, std::numbers::sqrt2_v<float>)})});
  Value* cube = down.make("Mul", {x, down.make("Mul", {x, x})});
  Value* bent = down.make("Add", {x, down.make("Mul", {cube, down.add_number_like(x, 0.044715f)})});
  const auto factor = static_cast<float>(std::sqrt(2 * std::numbers::inv_pi));
  return down.make("Tanh", {down.make("Mul", {bent, down.add_number_like(x, factor)})});
}

}  // namespace

void bernoulli_spelled_out(NodeConversion& down) {
  Node& node = down.node();
  const int64_t type =
      down.take_int("dtype").value_or(static_cast<int64_t>(down.element_type(node.input(0))));
  const auto f32 = static_cast<int64_t>(DataType::kFloat);
  Node* drawn = down.insert("RandomUniformLike", {node.input(0)});
  if (const auto seed = down.take_float("seed")) drawn->set_attribute("seed", *seed);
  drawn->set_attribute("dtype", f32);
  Value* chance = down.make("Cast", {node.input(0)}, {{"to", f32}});
  become_plain(down, "Cast", {down.make("Less", {drawn->output(0), chance})});
  node.set_attribute("to", type);
}

void cast_like_to_cast(NodeConversion& down) {
  const DataType type = down.element_type(down.node().input(1));
  if (type == DataType::kUndefined) down.refuse("the element type of its second input is not known");
  down.become("Cast", {down.node().input(0)});
  down.node().set_attribute("to", static_cast<int64_t>(type));
}

void celu_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  Value* alpha = down.add_number_like(x, down.node().float_attribute("alpha", 1));
  Value* bent = down.make("Elu", {down.make("Div", {x, alpha})}, {{"alpha", 1.0f}});
  become_plain(down, "Mul", {alpha, bent});
}

void gelu_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  const bool by_tanh = down.node().string_attribute("approximate", "none") == "tanh";
  Value* share = down.make("Add", {gelu_curve(down, x, by_tanh), down.add_number_like(x, 1)});
  become_plain(down, "Mul", {down.make("Mul", {x, down.add_number_like(x, 0.5f)}), share});
}

void greater_or_equal_spelled_out(NodeConversion& down) {
  become_plain(down, "Or", {or_equal(down, "Greater"), or_equal(down, "Equal")});
}

void less_or_equal_spelled_out(NodeConversion& down) {
  become_plain(down, "Or", {or_equal(down, "Less"), or_equal(down, "Equal")});
}

void hard_swish_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  Value* gate = down.make("HardSigmoid", {x}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
  become_plain(down, "Mul", {x, gate});
}

void mish_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  become_plain(down, "Mul", {x, down.make("Tanh", {down.make("Softplus", {x})})});
}

void swish_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  const float alpha = down.node().float_attribute("alpha", 1);
  Value* scaled = alpha == 1 ? x : down.make("Mul", {x, down.add_number_like(x, alpha)});
  become_plain(down, "Mul", {x, down.make("Sigmoid", {scaled})});
}

void thresholded_relu_spelled_out(NodeConversion& down) {
  Value* x = down.node().input(0);
  Value* alpha = down.add_number_like(x, down.node().float_attribute("alpha", 1));
  become_plain(down, "Where", {down.make("Greater", {x, alpha}), x, down.add_number_like(x, 0)});
}

}  // namespace slipway::downgrade_rule
