// Convolutions and pooling whose channels come last.
#include "onnx/opset/contrib/layouts.hpp"

#include <numeric>

#include "onnx/opset/contrib/fused_activation.hpp"
#include "onnx/opset/contrib/rules.hpp"

namespace slipway::contrib_rule {

Value* to_channels_first(NodeConversion& upgrade, Value* value, size_t rank) {
  std::vector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), int64_t{-1});
  order[0] = 0;
  order[1] = static_cast<int64_t>(rank) - 1;
  for (size_t axis = 2; axis < rank; ++axis) order[axis] = static_cast<int64_t>(axis) - 1;
  return upgrade.make("Transpose", {value}, {{"perm", std::move(order)}});
}

Value* to_channels_last(NodeConversion& upgrade, Value* value, size_t rank) {
  std::vector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), int64_t{1});
  order.front() = 0;
  order.back() = 1;
  return upgrade.make("Transpose", {value}, {{"perm", std::move(order)}});
}

size_t spatial_rank(const NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const size_t rank =
      upgrade.rank(node.input(0)).value_or(node.ints_attribute("kernel_shape", {}).size() + 2);
  if (rank < 3) upgrade.refuse("its input has no spatial axis, or the rank is not known");
  return rank;
}

// NhwcConv and NhwcFusedConv; the weights are laid out as the standard's.
void channels_last_conv(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  const size_t rank = spatial_rank(upgrade);
  const FusedActivation activation = take_fused_activation(upgrade);
  Value* image = to_channels_first(upgrade, node.input(0), rank);
  Value* sums = upgrade.make_inheriting("Conv", {image, node.input(1), node.input(2)});
  Value* result = to_channels_last(upgrade, sums, rank);
  if (node.input(3)) result = upgrade.make("Add", {result, node.input(3)});
  upgrade.finish(activate(upgrade, activation, result));
}

void channels_last_max_pool(NodeConversion& upgrade) {
  const size_t rank = spatial_rank(upgrade);
  Value* image = to_channels_first(upgrade, upgrade.node().input(0), rank);
  upgrade.finish(to_channels_last(upgrade, upgrade.make_inheriting("MaxPool", {image}), rank));
}

void quantized_conv(NodeConversion& upgrade) {
  const Node& node = upgrade.node();
  std::vector<Value*> inputs(node.inputs().begin(), node.inputs().end());
  if (upgrade.take_int("channels_last").value_or(0) == 0) return upgrade.become("QLinearConv", inputs);
  const size_t rank = spatial_rank(upgrade);
  inputs[0] = to_channels_first(upgrade, inputs[0], rank);
  upgrade.finish(to_channels_last(upgrade, upgrade.make_inheriting("QLinearConv", inputs), rank));
}

}  // namespace slipway::contrib_rule
