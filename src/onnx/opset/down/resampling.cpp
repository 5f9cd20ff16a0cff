// Resize, which took in ever more conventions, back to Upsample.
#include <algorithm>

#include "onnx/opset/down/downgrade_rules.hpp"
#include "onnx/opset/node_conversion.hpp"

namespace slipway::downgrade_rule {
namespace {

// A list for all axes, from one for some of them laid over `base`.
Value* for_all_axes(NodeConversion& down, Value* base, const std::vector<int64_t>& axes, Value* some) {
  return down.make("ScatterElements", {base, down.add_list(axes), some});
}

Value* list_of(NodeConversion& down, const std::vector<float>& elements) {
  return down.add_constant(
      Tensor::from<float>({static_cast<int64_t>(elements.size())}, std::span<const float>(elements)));
}

// The factors for all axes, where they are known.
std::optional<std::vector<float>> known_scales(const NodeConversion& down, size_t input) {
  const Tensor* scales = down.constant(down.node().input(input));
  if (!scales || scales->type() != DataType::kFloat || scales->empty()) return std::nullopt;
  return std::vector<float>(scales->data<float>().begin(), scales->data<float>().end());
}

void spread_scales(NodeConversion& down, const std::vector<int64_t>& axes, size_t rank) {
  std::vector<float> scales(rank, 1);
  const auto known = known_scales(down, 2);
  if (!known || known->size() != axes.size())
    return down.set_input(2, for_all_axes(down, list_of(down, scales), axes, down.node().input(2)));
  for (size_t i = 0; i < axes.size(); ++i) scales[static_cast<size_t>(axes[i])] = (*known)[i];
  down.set_input(2, list_of(down, scales));
}

// Starts are 0 and ends 1 for the axes that are left.
void spread_region(NodeConversion& down, std::vector<int64_t> axes, size_t rank) {
  std::vector<float> region(2 * rank, 0);
  std::fill(region.begin() + static_cast<int64_t>(rank), region.end(), 1.0f);
  const size_t named = axes.size();
  for (size_t i = 0; i < named; ++i) axes.push_back(axes[i] + static_cast<int64_t>(rank));
  Value* base = list_of(down, region);
  const bool half = down.element_type(down.node().input(1)) != DataType::kFloat;
  if (half)
    base = down.make("Cast", {base}, {{"to", static_cast<int64_t>(down.element_type(down.node().input(1)))}});
  down.set_input(1, for_all_axes(down, base, axes, down.node().input(1)));
}

bool has_elements(const NodeConversion& down, size_t input) {
  const Value* value = down.node().input(input);
  if (!value) return false;
  const auto& shape = down.type(value).shape();
  return !(shape && shape->size() == 1 && (*shape)[0].is_known() && (*shape)[0].value() == 0);
}

}  // namespace

void resize_without_symmetric_half_pixel(NodeConversion& down) {
  if (down.node().string_attribute("coordinate_transformation_mode", "") == "half_pixel_symmetric")
    down.refuse("attribute 'coordinate_transformation_mode' is half_pixel_symmetric, which came later");
}

void resize_every_axis(NodeConversion& down) {
  Node& node = down.node();
  const auto scales = known_scales(down, 2);
  const bool shrinks = !scales || std::any_of(scales->begin(), scales->end(), [](float s) { return s < 1; });
  if (down.take_int("antialias").value_or(0) != 0 && shrinks)
    down.refuse("attribute 'antialias' is set, and came later");
  const std::string policy = down.take_string("keep_aspect_ratio_policy").value_or("stretch");
  if (policy != "stretch" && node.input(3))
    down.refuse("attribute 'keep_aspect_ratio_policy' is " + policy + ", and came later");
  auto axes = down.take_ints("axes");
  if (!axes) return;
  const auto rank = down.rank(node.input(0));
  if (!rank) down.refuse("it resizes some axes, and the rank of its input is not known");
  axes = down.from_the_front(*std::move(axes), *rank);
  if (has_elements(down, 1)) spread_region(down, *axes, *rank);
  if (has_elements(down, 2)) spread_scales(down, *axes, *rank);
  if (has_elements(down, 3))
    down.set_input(3, for_all_axes(down, down.make("Shape", {node.input(0)}), *axes, node.input(3)));
}

// Absent inputs were empty ones.
void resize_inputs_present(NodeConversion& down) {
  if (!down.node().input(1)) down.set_input(1, list_of(down, {}));
  if (!down.node().input(2)) down.set_input(2, list_of(down, {}));
}

// There was one way alone, see resize_conventions_stated() of the way up.
void resize_one_convention(NodeConversion& down) {
  Node& node = down.node();
  const auto scales = known_scales(down, 2);
  const std::string mode = down.take_string("mode").value_or("nearest");
  const bool nearest = mode == "nearest";
  const bool grows = scales && std::all_of(scales->begin(), scales->end(), [](float s) { return s >= 1; });
  if (!scales || node.string_attribute("coordinate_transformation_mode", "half_pixel") != "asymmetric" ||
      (!nearest && mode != "linear") ||
      (nearest && (!grows || node.string_attribute("nearest_mode", "round_prefer_floor") != "floor")))
    down.refuse(
        "it resizes in another way than the one there was: constant scales, asymmetric, linear or to the "
        "nearest before");
  node.attributes().clear();
  node.set_attribute("mode", mode);
  Value* factors = node.input(2);
  down.drop_inputs_from(1);
  down.set_input(1, factors);
}

void resize_to_upsample(NodeConversion& down) {
  const auto scales = known_scales(down, 1);
  if (!scales || std::any_of(scales->begin(), scales->end(), [](float s) { return s < 1; }))
    down.refuse("it may shrink its input, which Upsample did not");
  down.become("Upsample", {down.node().input(0), down.node().input(1)});
}

}  // namespace slipway::downgrade_rule
