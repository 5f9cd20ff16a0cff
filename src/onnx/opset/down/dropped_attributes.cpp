// Attributes that came later: they go where they say what was always so.
#include <algorithm>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

// For attributes whose default is what was always so.
void drop_int(NodeConversion& down, const char* name, int64_t always) {
  const int64_t value = down.node().int_attribute(name, always);
  if (value != always) down.refuse(fmt::format("attribute '{}' is {}, and came later", name, value));
  down.node().erase_attribute(name);
}

void drop_string(NodeConversion& down, const char* name, std::string_view always) {
  const std::string value = down.node().string_attribute(name, always);
  if (value != always) down.refuse(fmt::format("attribute '{}' is {}, and came later", name, value));
  down.node().erase_attribute(name);
}

void drop_dilations(NodeConversion& down) {
  const std::vector<int64_t> dilations = down.node().ints_attribute("dilations", {});
  if (std::any_of(dilations.begin(), dilations.end(), [](int64_t one) { return one != 1; }))
    down.refuse("attribute 'dilations' is not all 1, and came later");
  down.node().erase_attribute("dilations");
}

}  // namespace

void drop_allowzero(NodeConversion& down) {
  const auto shape = down.integers(1);
  if (shape && std::find(shape->begin(), shape->end(), 0) == shape->end())
    return down.node().erase_attribute("allowzero");
  drop_int(down, "allowzero", 0);
}

void drop_axis_of_scale(NodeConversion& down) {
  const auto rank = down.rank(down.node().input(1));
  if (rank != 0) down.refuse("it may have a scale for each slice of an axis, which came later");
  down.node().erase_attribute("axis");
}

void drop_batch_dims(NodeConversion& down) {
  drop_int(down, "batch_dims", 0);
}

void drop_block_size(NodeConversion& down) {
  drop_int(down, "block_size", 0);
}

void drop_ceil_mode(NodeConversion& down) {
  drop_int(down, "ceil_mode", 0);
}

void drop_ceil_mode_and_dilations(NodeConversion& down) {
  drop_int(down, "ceil_mode", 0);
  drop_dilations(down);
}

void drop_pool_dilations(NodeConversion& down) {
  drop_dilations(down);
}

void drop_depth_to_space_mode(NodeConversion& down) {
  drop_string(down, "mode", "DCR");
}

void drop_half_pixel(NodeConversion& down) {
  const std::string mode = down.node().string_attribute("coordinate_transformation_mode", "half_pixel");
  if (mode != "output_half_pixel")
    down.refuse("attribute 'coordinate_transformation_mode' is " + mode + ", and came later");
  down.node().erase_attribute("coordinate_transformation_mode");
}

void drop_output_dtype_of_dequantize(NodeConversion& down) {
  const auto type = down.take_int("output_dtype").value_or(0);
  const auto scale = static_cast<int64_t>(down.element_type(down.node().input(1)));
  if (type != 0 && type != scale) down.refuse("attribute 'output_dtype' is not the type of the scale");
}

// How a division is rounded that came with another type of scale.
void drop_precision(NodeConversion& down) {
  const auto precision = down.take_int("precision").value_or(0);
  const auto input = static_cast<int64_t>(down.element_type(down.node().input(0)));
  if (precision != 0 && precision != input) down.refuse("attribute 'precision' is not the type of the input");
}

// Only float8e8m0 is rounded as it says, which came with it.
void drop_round_mode(NodeConversion& down) {
  down.node().erase_attribute("round_mode");
}

// Only float8 saturates, which came with it.
void drop_saturate(NodeConversion& down) {
  down.node().erase_attribute("saturate");
}

void drop_select_last_index(NodeConversion& down) {
  drop_int(down, "select_last_index", 0);
}

// From 16 to 18 there were add and mul, before that none.
void drop_reduction(NodeConversion& down) {
  drop_string(down, "reduction", "none");
}

void require_add_or_mul(NodeConversion& down) {
  const std::string reduction = down.node().string_attribute("reduction", "none");
  if (reduction == "max" || reduction == "min")
    down.refuse("attribute 'reduction' is " + reduction + ", which came later");
}

void require_no_wrap(NodeConversion& down) {
  if (down.node().string_attribute("mode", "constant") == "wrap")
    down.refuse("attribute 'mode' is wrap, which came later");
}

void drop_storage_order(NodeConversion& down) {
  drop_int(down, "storage_order", 0);
}

void drop_top_k_order(NodeConversion& down) {
  drop_int(down, "largest", 1);
  drop_int(down, "sorted", 1);
}

void drop_training_mode(NodeConversion& down) {
  drop_int(down, "training_mode", 0);
}

// Axes counted from the end came with opset 11.
void axis_from_the_front(NodeConversion& down) {
  Node& node = down.node();
  const Attribute* axis = node.find_attribute("axis");
  const Attribute* axes = node.find_attribute("axes");
  const auto rank = [&] {
    const auto found = down.rank(node.input(0));
    if (!found) down.refuse("it counts axes from the end, and the rank of its input is not known");
    // Unsqueeze and OneHot count in what they make.
    const auto* listed = axes ? axes->as<std::vector<int64_t>>() : nullptr;
    const size_t made = node.op_type() == "Unsqueeze" && listed ? listed->size()
                        : node.op_type() == "OneHot"            ? 1
                                                                : 0;
    return static_cast<int64_t>(*found + made);
  };
  if (axis && axis->as<int64_t>() && *axis->as<int64_t>() < 0)
    node.set_attribute("axis", *axis->as<int64_t>() + rank());
  if (!axes || !axes->as<std::vector<int64_t>>()) return;
  std::vector<int64_t> counted = *axes->as<std::vector<int64_t>>();
  for (int64_t& one : counted)
    if (one < 0) one += rank();
  node.set_attribute("axes", counted);
}

}  // namespace slipway::downgrade_rule
