// Sliding patches as columns, and their sum back into an image.
#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/reshape.hpp"
#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

using Perm = std::vector<int64_t>;

// More along one axis are nobody's patches: a number in a file must not become a table of that size.
constexpr int64_t kMostPlaces = 1 << 24;

struct Patches {
  explicit Patches(const Conversion& c)
      : kernel(per_axis(c, "kernel_size", 2, {})),
        dilations(per_axis(c, "dilation", 2, {1})),
        pads(per_axis(c, "padding", 2, {0})),
        strides(per_axis(c, "stride", 2, {1})) {
    for (size_t i = 0; i < 2; ++i)
      if (!is_window(kernel[i], strides[i], pads[i], dilations[i]))
        c.refuse(fmt::format("a patch of {} with stride {} and padding {} is none", kernel[i], strides[i],
                             pads[i]));
  }
  // How many patches stand along an axis of this size.
  Dim count(const Dim& size, size_t i) const {
    return floor_div(size + Dim(2 * pads[i]) - Dim(dilations[i] * (kernel[i] - 1) + 1), strides[i]) + Dim(1);
  }
  std::vector<int64_t> kernel, dilations, pads, strides;
};

// The rows (or columns) of each patch, [kernel, patches], along an axis.
Value* places(Conversion& c, const Patches& p, size_t i, const Dim& size) {
  std::vector<int64_t> within;
  for (int64_t k = 0; k < p.kernel[i]; ++k) within.push_back(k * p.dilations[i]);
  const int64_t reach = p.dilations[i] * (p.kernel[i] - 1);
  if (size.is_known()) {
    std::vector<int64_t> all;
    const int64_t count = p.count(size, i).value();
    if (count > kMostPlaces / p.kernel[i]) c.refuse(fmt::format("{} patches are too many", count));
    for (const int64_t offset : within)
      for (int64_t patch = 0; patch < count; ++patch) all.push_back(patch * p.strides[i] + offset);
    return c.constant(Tensor::from<int64_t>({p.kernel[i], count}, all));
  }
  // The last patch starts before size + 2·pad - reach.
  Value* limit = c.emit("Add", {c.shape({&size, 1}), c.ints({2 * p.pads[i] - reach})});
  Value* starts = c.emit("Range", {c.scalar(DataType::kInt64, int64_t{0}), c.emit("Squeeze", {limit}),
                                   c.scalar(DataType::kInt64, p.strides[i])});
  Value* offsets = c.constant(Tensor::from<int64_t>({p.kernel[i], 1}, within));
  return c.emit("Add", {offsets, starts});
}

// Patches that touch and do not overlap are a reshape and a transpose.
bool tile_the_image(const Patches& p, const Shape& sizes) {
  for (size_t i = 0; i < 2; ++i)
    if (p.kernel[i] != p.strides[i] || p.pads[i] != 0 || p.dilations[i] != 1 ||
        floor_div(sizes[i + 2], p.kernel[i]) * Dim(p.kernel[i]) != sizes[i + 2])
      return false;
  return true;
}

}  // namespace

// im2col: [batch, channels·kernel, patches]
void convert_im2col(Conversion& c) {
  const Patches p(c);
  Batched image(c, "self", 2);
  const Shape& sizes = image.sizes();
  const Dim height = p.count(sizes[2], 0), width = p.count(sizes[3], 1);
  const Dim columns = sizes[1] * Dim(p.kernel[0] * p.kernel[1]);
  const Shape out = {sizes[0], columns, height * width};
  if (tile_the_image(p, sizes)) {
    const Shape apart = {sizes[0], sizes[1], height, p.kernel[0], width, p.kernel[1]};
    Value* split = reshape(c, image.input(), sizes, apart);
    Value* turned = c.emit("Transpose", {split}, {{"perm", Perm{0, 1, 3, 5, 2, 4}}});
    image.result(reshape(c, turned, {sizes[0], sizes[1], p.kernel[0], p.kernel[1], height, width}, out));
    return;
  }
  Value* padded = image.input();
  if (p.pads[0] != 0 || p.pads[1] != 0)
    padded = c.emit("Pad", {padded, c.ints({0, 0, p.pads[0], p.pads[1], 0, 0, p.pads[0], p.pads[1]})});
  Value* rows = c.emit("Gather", {padded, places(c, p, 0, sizes[2])}, {{"axis", 2}});
  // [batch, channels, kernel, rows of patches, kernel, columns of patches]
  Value* all = c.emit("Gather", {rows, places(c, p, 1, sizes[3])}, {{"axis", 4}});
  Value* turned = c.emit("Transpose", {all}, {{"perm", Perm{0, 1, 2, 4, 3, 5}}});
  image.result(reshape(c, turned, {sizes[0], sizes[1], p.kernel[0], p.kernel[1], height, width}, out));
}

// col2im: overlapping patches add up
void convert_col2im(Conversion& c) {
  const Patches p(c);
  Batched columns(c, "self", 1);
  Attributes attributes;
  add_unless(attributes, "dilations", p.dilations, 1);
  add_unless(attributes, "pads", both_sides(p.pads, p.pads), 0);
  add_unless(attributes, "strides", p.strides, 1);
  columns.result(c.emit("Col2Im", {columns.input(), c.sizes("output_size"), c.ints(p.kernel)}, attributes));
}

}  // namespace slipway::torch::aten
