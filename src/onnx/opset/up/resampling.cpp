// Upsample became Resize, and Resize stated its conventions.
#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {
namespace {

// Opset 10 left the rounding of "nearest" open. Runtimes took the element before, and where an axis shrinks
// the one behind.
std::string nearest_mode_before_11(NodeConversion& upgrade, const Tensor* scales) {
  if (!scales || scales->type() != DataType::kFloat) return "floor";
  bool shrinks = false, grows = false;
  for (float scale : scales->data<float>()) {
    shrinks |= scale < 1;
    grows |= scale > 1;
  }
  if (shrinks && grows) upgrade.refuse("it enlarges along one axis and shrinks along another by 'nearest'");
  return shrinks ? "ceil" : "floor";
}

}  // namespace

void resize_conventions_stated(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  node.set_attribute("coordinate_transformation_mode", "asymmetric");
  if (node.string_attribute("mode", "nearest") == "nearest")
    node.set_attribute("nearest_mode", nearest_mode_before_11(upgrade, upgrade.constant(node.input(1))));
  upgrade.become("Resize", {node.input(0), nullptr, node.input(1)});
}

// tf_half_pixel_for_nn took the element at floor((x + 0.5) / scale); half_pixel rounds (x + 0.5) / scale -
// 0.5.
void resize_without_tf_half_pixel(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (node.string_attribute("coordinate_transformation_mode", "") != "tf_half_pixel_for_nn") return;
  if (node.string_attribute("mode", "nearest") != "nearest" ||
      node.string_attribute("nearest_mode", "round_prefer_floor") != "floor")
    upgrade.refuse("attribute 'coordinate_transformation_mode' is tf_half_pixel_for_nn");
  node.set_attribute("coordinate_transformation_mode", "half_pixel");
  node.set_attribute("nearest_mode", "round_prefer_ceil");
}

void upsample_sizes_to_scales(NodeConversion& upgrade) {
  const auto height = upgrade.take_float("height_scale"), width = upgrade.take_float("width_scale");
  if (!height || !width) upgrade.refuse("attributes 'height_scale' and 'width_scale' are missing");
  upgrade.node().set_attribute("scales", std::vector<float>{1, 1, *height, *width});
  if (upgrade.node().string_attribute("mode", "nearest") == "bilinear")
    upgrade.node().set_attribute("mode", "linear");
}

void upsample_scales_to_input(NodeConversion& upgrade) {
  const auto scales = upgrade.take_floats("scales");
  if (!scales) upgrade.refuse("attribute 'scales' is missing");
  upgrade.set_input(1, upgrade.add_constant(Tensor::from<float>({static_cast<int64_t>(scales->size())},
                                                                std::span<const float>(*scales))));
}

void upsample_to_resize(NodeConversion& upgrade) {
  upgrade.become("Resize", {upgrade.node().input(0), upgrade.node().input(1)});
}

}  // namespace slipway::upgrade_rule
