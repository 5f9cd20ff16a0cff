// Before opset 7 the second operand was laid over the first from an axis on, when asked; since then shapes
// are aligned at their ends, as in NumPy.
#include <numeric>

#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {
namespace {

// Puts `count` axes of size 1 behind the input's own.
void add_trailing_axes(NodeConversion& upgrade, size_t input, size_t rank, size_t count) {
  if (count == 0) return;
  std::vector<int64_t> axes(count);
  std::iota(axes.begin(), axes.end(), static_cast<int64_t>(rank));
  Node* unsqueeze = upgrade.insert("Unsqueeze", {upgrade.node().input(input), upgrade.add_list(axes)});
  upgrade.set_input(input, unsqueeze->output(0));
}

}  // namespace

void broadcast_from_axis(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const bool broadcast = upgrade.take_int("broadcast").value_or(0) != 0;
  const auto stated_axis = upgrade.take_int("axis");
  if (!broadcast || !stated_axis) return;
  const auto rank = upgrade.rank(node.input(0)), other = upgrade.rank(node.input(1));
  if (!rank || !other)
    upgrade.refuse("it broadcasts from an axis, and the ranks of its inputs are not known");
  const auto axes = static_cast<int64_t>(*rank);
  if (*stated_axis < -axes || *stated_axis > axes) upgrade.refuse("attribute 'axis' is none of its input's");
  const int64_t axis = *stated_axis < 0 ? *stated_axis + axes : *stated_axis;
  const int64_t trailing = axes - axis - static_cast<int64_t>(*other);
  if (trailing < 0) upgrade.refuse("attribute 'axis' leaves no room for the second input");
  add_trailing_axes(upgrade, 1, *other, static_cast<size_t>(trailing));
}

void drop_broadcast(NodeConversion& upgrade) {
  upgrade.node().erase_attribute("broadcast");
}

// PRelu's slope had one number per channel, axis 1 of the input.
void slope_to_channels(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const auto rank = upgrade.rank(node.input(0)), slope = upgrade.rank(node.input(1));
  if (!rank || !slope) upgrade.refuse("the ranks of its inputs are not known");
  const Tensor* constant = upgrade.constant(node.input(1));
  const bool shared = constant && constant->count() == 1;
  if (*slope == 1 && *rank > 2 && !shared) add_trailing_axes(upgrade, 1, 1, *rank - 2);
}

}  // namespace slipway::upgrade_rule
