// Gelu and its relatives, and additions.
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::contrib_rule {
namespace {

// The input, with the bias if there is one.
Value* biased(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  return node.input(1) ? upgrade.make("Add", {node.input(0), node.input(1)}) : node.input(0);
}

}  // namespace

void bias_add(NodeConversion& upgrade) {
  upgrade.finish(upgrade.make("Add", {biased(upgrade), upgrade.node().input(2)}));
}

void bias_gelu(NodeConversion& upgrade) {
  upgrade.finish(upgrade.make("Gelu", {biased(upgrade)}));
}

// The left half of the last axis times the Gelu of the right one.
void bias_split_gelu(NodeConversion& upgrade) {
  Node* halves = upgrade.insert("Split", {biased(upgrade)}, 2);
  halves->set_attribute("axis", int64_t{-1});
  halves->set_attribute("num_outputs", int64_t{2});
  Value* gate = upgrade.make("Gelu", {halves->output(1)});
  upgrade.finish(upgrade.make("Mul", {halves->output(0), gate}));
}

void fast_gelu(NodeConversion& upgrade) {
  upgrade.finish(upgrade.make("Gelu", {biased(upgrade)}, {{"approximate", "tanh"}}));
}

void gelu(NodeConversion& upgrade) {
  upgrade.finish(upgrade.make("Gelu", {upgrade.node().input(0)}));
}

void quick_gelu(NodeConversion& upgrade) {
  const float alpha = upgrade.take_float("alpha").value_or(1.702F);
  upgrade.finish(upgrade.make("Swish", {upgrade.node().input(0)}, {{"alpha", alpha}}));
}

}  // namespace slipway::contrib_rule
