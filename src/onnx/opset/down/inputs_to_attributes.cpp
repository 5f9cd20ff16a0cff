// What is an input was an attribute: it must be known without running.
#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

std::vector<int64_t> known_integers(const NodeConversion& conversion, size_t input, const char* name) {
  auto integers = conversion.integers(input);
  if (!integers) conversion.refuse(fmt::format("input '{}' is computed, and was an attribute", name));
  return *std::move(integers);
}

int64_t known_integer(const NodeConversion& conversion, size_t input, const char* name) {
  const std::vector<int64_t> integers = known_integers(conversion, input, name);
  if (integers.size() != 1)
    conversion.refuse(fmt::format("input '{}' has {} elements", name, integers.size()));
  return integers[0];
}

// An absent input is absent.
std::optional<float> known_number(const NodeConversion& conversion, size_t input, const char* name) {
  if (!conversion.node().input(input)) return std::nullopt;
  const auto number = conversion.number(input);
  if (!number) conversion.refuse(fmt::format("input '{}' is computed, and was an attribute", name));
  return number;
}

// What a reduction over no axis makes of each element.
void without_reduction(NodeConversion& conversion) {
  Node& node = conversion.node();
  const std::string op_type = node.op_type();
  Value* input = node.input(0);
  node.erase_attribute("keepdims");
  if (op_type == "ReduceL1" || op_type == "ReduceL2") return conversion.become("Abs", {input});
  if (op_type == "ReduceLogSum") return conversion.become("Log", {input});
  if (op_type == "ReduceSumSquare") return conversion.become("Mul", {input, input});
  conversion.become("Identity", {input});
}

}  // namespace

void axes_to_attribute(NodeConversion& down) {
  if (down.node().input(1)) {
    const std::vector<int64_t> axes = known_integers(down, 1, "axes");
    down.drop_inputs_from(1);
    down.node().set_attribute("axes", axes);
  }
}

// No axes are all of them, or, when asked, none.
void reduced_axes_to_attribute(NodeConversion& down) {
  const bool none_is_none = down.take_int("noop_with_empty_axes").value_or(0) != 0;
  std::vector<int64_t> axes;
  if (down.node().input(1)) axes = known_integers(down, 1, "axes");
  down.drop_inputs_from(1);
  if (!axes.empty()) return down.node().set_attribute("axes", axes);
  if (none_is_none) without_reduction(down);
}

// Computed bounds are laid on by Max and Min, in Clip's order.
void clip_bounds_to_attributes(NodeConversion& down) {
  Node& node = down.node();
  const auto lowest = down.number(1), highest = down.number(2);
  if ((node.input(1) && !lowest) || (node.input(2) && !highest)) {
    Value* bounded = node.input(0);
    Value *low = node.input(1), *high = node.input(2);
    if (low && high) bounded = down.make("Max", {bounded, low});
    return high ? down.become("Min", {bounded, high}) : down.become("Max", {bounded, low});
  }
  down.drop_inputs_from(1);
  if (lowest) node.set_attribute("min", *lowest);
  if (highest) node.set_attribute("max", *highest);
}

void count_to_attribute(NodeConversion& down) {
  const int64_t count = known_integer(down, 1, "K");
  down.drop_inputs_from(1);
  down.node().set_attribute("k", count);
}

// The default of the input is the last axis of the signal.
void dft_axis_to_attribute(NodeConversion& down) {
  if (down.target() < 17) return;  // there was none
  const int64_t axis = down.node().input(2) ? known_integer(down, 2, "axis") : -2;
  down.drop_inputs_from(2);
  down.node().set_attribute("axis", axis);
}

void dropout_ratio_to_attribute(NodeConversion& down) {
  const Tensor* training = down.constant(down.node().input(2));
  if (down.node().input(2) && (!training || training->count() != 1 || training->data<bool>()[0]))
    down.refuse("it may train, and Dropout only did nothing then");
  const Value* mask = down.node().output(1);
  if (mask && !mask->is_unused())
    down.refuse("its mask is used, which had no meaning then when nothing was dropped");
  const auto ratio = known_number(down, 1, "ratio");
  down.drop_inputs_from(1);
  down.node().erase_attribute("seed");
  if (ratio) down.node().set_attribute("ratio", *ratio);
}

void pads_to_attributes(NodeConversion& down) {
  const std::vector<int64_t> pads = known_integers(down, 1, "pads");
  const auto value = known_number(down, 2, "constant_value");
  down.drop_inputs_from(1);
  down.node().set_attribute("pads", pads);
  if (value) down.node().set_attribute("value", *value);
}

void scales_to_attribute(NodeConversion& down) {
  const Tensor* scales = down.constant(down.node().input(1));
  if (!scales) down.refuse("input 'scales' is computed, and was an attribute");
  const auto factors = scales->data<float>();
  down.node().set_attribute("scales", std::vector<float>(factors.begin(), factors.end()));
  down.drop_inputs_from(1);
}

void slice_bounds_to_attributes(NodeConversion& down) {
  Node& node = down.node();
  const std::vector<int64_t> starts = known_integers(down, 1, "starts"),
                             ends = known_integers(down, 2, "ends");
  if (node.input(3)) node.set_attribute("axes", known_integers(down, 3, "axes"));
  if (node.input(4))
    for (int64_t step : known_integers(down, 4, "steps"))
      if (step != 1) down.refuse(fmt::format("a step is {}, and Slice had none but 1", step));
  down.drop_inputs_from(1);
  node.set_attribute("starts", starts);
  node.set_attribute("ends", ends);
}

void split_sizes_to_attribute(NodeConversion& down) {
  if (!down.node().input(1)) return;
  const std::vector<int64_t> sizes = known_integers(down, 1, "split");
  down.drop_inputs_from(1);
  down.node().set_attribute("split", sizes);
}

}  // namespace slipway::downgrade_rule
