// What torchvision adds for finding objects.
#include <fmt/format.h>

#include <limits>

#include "torch/aten/normalization.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

// [count, 5] of image and box to boxes [count, 4] and i64[count].
struct Regions {
  Regions(Conversion& c) {  // NOLINT: read in one place
    Value* rois = c.tensor("rois");
    const auto parts = c.emit_several("Split", {rois, c.ints({1, 4})}, 2, {{"axis", 1}});
    boxes = parts[1];
    images = c.emit("Cast", {c.emit("Squeeze", {parts[0], c.ints({1})})}, {{"to", DataType::kInt64}});
  }
  Value *boxes, *images;
};

Attributes align_attributes(const Conversion& c, bool aligned) {
  Attributes attributes = {{"output_height", c.integer("pooled_height")},
                           {"output_width", c.integer("pooled_width")},
                           {"spatial_scale", c.number("spatial_scale")}};
  if (!aligned) attributes.emplace_back("coordinate_transformation_mode", "output_half_pixel");
  // Not positive: as many samples as the region has pixels.
  if (const int64_t ratio = c.integer("sampling_ratio"); ratio > 0)
    attributes.emplace_back("sampling_ratio", ratio);
  return attributes;
}

}  // namespace

// torchvision.nms
void convert_nms(Conversion& c) {
  Value* boxes = c.emit("Unsqueeze", {c.tensor("dets"), c.ints({0})});
  Value* scores = c.emit("Unsqueeze", {c.tensor("scores"), c.ints({0, 1})});
  if (c.meta("dets").type != DataType::kFloat) {
    boxes = c.emit("Cast", {boxes}, {{"to", DataType::kFloat}});
    scores = c.emit("Cast", {scores}, {{"to", DataType::kFloat}});
  }
  Value* chosen = c.emit("NonMaxSuppression",
                         {boxes, scores, c.ints({std::numeric_limits<int64_t>::max()}),
                          c.constant(Tensor::from<float>(
                              {1}, std::vector<float>{static_cast<float>(c.number("iou_threshold"))}))});
  // Image, class and box of each.
  c.result(c.emit("Gather", {chosen, c.scalar(DataType::kInt64, int64_t{2})}, {{"axis", 1}}));
}

// torchvision.roi_align
void convert_roi_align(Conversion& c) {
  const Regions regions(c);
  c.result(c.emit("RoiAlign", {c.tensor("input"), regions.boxes, regions.images},
                  align_attributes(c, c.truth("aligned", false))));
}

// torchvision.ps_roi_align: each place of the output has channels of its own
void convert_ps_roi_align(Conversion& c) {
  require_first_result_only(c);
  const int64_t height = c.integer("pooled_height"), width = c.integer("pooled_width");
  const Regions regions(c);
  Value* all =
      c.emit("RoiAlign", {c.tensor("input"), regions.boxes, regions.images}, align_attributes(c, true));
  const Shape out = c.result_meta().sizes;
  if (c.rank("input") != 4 || out.size() != 4) c.refuse("its input and its result have four axes");
  const Shape in = {out[0], c.meta("input").sizes[1], height, width};
  Value* apart = reshape(c, all, in, {out[0], out[1], height, width, height, width});
  c.result(c.emit("Einsum", {apart}, {{"equation", "ncijij->ncij"}}));
}

// torchvision.roi_pool
void convert_roi_pool(Conversion& c) {
  require_first_result_only(c);
  const std::vector<int64_t> shape = {c.integer("pooled_height"), c.integer("pooled_width")};
  c.result(c.emit("MaxRoiPool", {c.tensor("input"), c.tensor("rois")},
                  {{"pooled_shape", shape}, {"spatial_scale", c.number("spatial_scale")}}));
}

// torchvision.deform_conv2d
void convert_deform_conv(Conversion& c) {
  const std::vector<int64_t> pads = {c.integer("pad_h", 0), c.integer("pad_w", 0)};
  Attributes attributes;
  if (const int64_t groups = c.integer("groups", 1); groups != 1) attributes.emplace_back("group", groups);
  if (const int64_t groups = c.integer("offset_groups", 1); groups != 1)
    attributes.emplace_back("offset_group", groups);
  // The standard has no default for what is left out.
  attributes.emplace_back("pads", both_sides(pads, pads));
  add_unless(attributes, "strides", {c.integer("stride_h", 1), c.integer("stride_w", 1)}, 1);
  add_unless(attributes, "dilations", {c.integer("dilation_h", 1), c.integer("dilation_w", 1)}, 1);
  Value* mask = c.truth("use_mask", true) ? c.optional_tensor("mask") : nullptr;
  c.result(
      c.emit("DeformConv",
             {c.tensor("input"), c.tensor("weight"), c.tensor("offset"), c.optional_tensor("bias"), mask},
             attributes));
}

}  // namespace slipway::torch::aten
