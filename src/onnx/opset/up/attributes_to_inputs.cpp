// What was an attribute became an input, so that it may be computed.
#include <numeric>

#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {

// Squeeze, Unsqueeze and the reductions: absent axes stay absent.
void axes_to_input(NodeConversion& upgrade) {
  if (const auto axes = upgrade.take_ints("axes")) upgrade.set_input(1, upgrade.add_list(*axes));
}

void clip_bounds_to_inputs(NodeConversion& upgrade) {
  const Value* input = upgrade.node().input(0);
  if (const auto lowest = upgrade.take_float("min"))
    upgrade.set_input(1, upgrade.add_scalar_like(input, *lowest));
  if (const auto highest = upgrade.take_float("max"))
    upgrade.set_input(2, upgrade.add_scalar_like(input, *highest));
}

// TopK. Without the attribute, which it had to have, the node misses an input then.
void count_to_input(NodeConversion& upgrade) {
  if (const auto count = upgrade.take_int("k")) upgrade.set_input(1, upgrade.add_list({*count}));
}

// The default was 1; that of the input is the last axis of the signal.
void dft_axis_to_input(NodeConversion& upgrade) {
  upgrade.set_input(2, upgrade.add_constant(Tensor::scalar(upgrade.take_int("axis").value_or(1))));
}

void dropout_ratio_to_input(NodeConversion& upgrade) {
  const auto ratio = upgrade.take_float("ratio");
  const auto is_test = upgrade.take_int("is_test");
  if (ratio) upgrade.set_input(1, upgrade.add_constant(Tensor::scalar(*ratio)));
  // From opset 7 to 11 there was no other mode than that of inference.
  if (upgrade.written_for() < 7 && is_test.value_or(0) == 0)
    upgrade.set_input(2, upgrade.add_constant(Tensor::scalar(true)));
}

void pads_to_inputs(NodeConversion& upgrade) {
  const auto pads = upgrade.take_ints("pads");
  const auto value = upgrade.take_float("value");
  upgrade.set_input(1, upgrade.add_list(pads.value_or(std::vector<int64_t>{})));
  if (value) upgrade.set_input(2, upgrade.add_scalar_like(upgrade.node().input(0), *value));
}

void shape_to_input(NodeConversion& upgrade) {
  upgrade.set_input(1, upgrade.add_list(upgrade.take_ints("shape").value_or(std::vector<int64_t>{})));
}

void slice_bounds_to_inputs(NodeConversion& upgrade) {
  const auto starts = upgrade.take_ints("starts").value_or(std::vector<int64_t>{});
  const auto ends = upgrade.take_ints("ends").value_or(std::vector<int64_t>{});
  const auto axes = upgrade.take_ints("axes");
  upgrade.set_input(1, upgrade.add_list(starts));
  upgrade.set_input(2, upgrade.add_list(ends));
  if (axes) upgrade.set_input(3, upgrade.add_list(*axes));
}

void split_sizes_to_input(NodeConversion& upgrade) {
  if (const auto sizes = upgrade.take_ints("split")) upgrade.set_input(1, upgrade.add_list(*sizes));
}

}  // namespace slipway::upgrade_rule
