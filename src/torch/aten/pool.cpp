// Maximum and average over windows.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "torch/aten/normalization.hpp"
#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

struct Windows {
  std::vector<int64_t> kernel, strides, pads, dilations;
  // By how much the last window, which ceil_mode adds, stands beyond the padding at the end; all 0 when it
  // adds none. Nothing when the sizes are not known.
  std::optional<std::vector<int64_t>> excess;
};

// Windows start inside of the input or its padding in front: one that would not is no window.
int64_t excess_of(int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
  const int64_t reach = dilation * (kernel - 1) + 1;
  const int64_t open = size + 2 * pad - reach;
  if (open < 0 || open % stride == 0) return 0;
  const int64_t last = open / stride + 1;  // the window that ceil_mode would add
  return last * stride >= size + pad ? 0 : last * stride + reach - (size + 2 * pad);
}

Windows windows_of(const Conversion& c, size_t axes, const Shape& sizes) {
  Windows w;
  w.kernel = per_axis(c, "kernel_size", axes, {});
  w.strides = per_axis(c, "stride", axes, w.kernel);
  w.pads = per_axis(c, "padding", axes, {0});
  w.dilations = per_axis(c, "dilation", axes, {1});
  for (size_t i = 0; i < axes; ++i)
    if (!is_window(w.kernel[i], w.strides[i], w.pads[i], w.dilations[i]))
      c.refuse(fmt::format("a window of {} with stride {} and padding {} is none", w.kernel[i], w.strides[i],
                           w.pads[i]));
  std::vector<int64_t> excess(axes, 0);
  if (c.truth("ceil_mode", false)) {
    for (size_t i = 0; i < axes; ++i) {
      if (!sizes[i + 2].is_known()) return w;
      excess[i] = excess_of(sizes[i + 2].value(), w.kernel[i], w.strides[i], w.pads[i], w.dilations[i]);
    }
  }
  w.excess = std::move(excess);
  return w;
}

bool all_zero(const std::vector<int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [](int64_t value) { return value == 0; });
}

Attributes attributes_of(const Windows& w) {
  Attributes attributes = {{"kernel_shape", w.kernel}};
  add_unless(attributes, "strides", w.strides, 1);
  add_unless(attributes, "dilations", w.dilations, 1);
  return attributes;
}

void add_ceil_mode(Attributes& attributes, const Windows& w) {
  if (!w.excess || !all_zero(*w.excess)) attributes.emplace_back("ceil_mode", 1);
}

// ONNX counts through the whole tensor, PyTorch through the plane.
Value* place_in_plane(Conversion& c, Value* index, Value* input, const Shape& sizes) {
  Value* plane = nullptr;
  if (std::all_of(sizes.begin() + 2, sizes.end(), [](const Dim& dim) { return dim.is_known(); })) {
    int64_t count = 1;
    for (size_t axis = 2; axis < sizes.size(); ++axis) count *= sizes[axis].value();
    if (sizes[0] == Dim(1) && sizes[1] == Dim(1)) return index;
    plane = c.scalar(DataType::kInt64, count);
  } else {
    plane = c.emit("ReduceProd", {c.emit("Shape", {input}, {{"start", 2}})});
  }
  return c.emit("Mod", {index, plane});
}

void pool_max(Conversion& c, size_t axes) {
  Batched image(c, "self", axes);
  const Windows w = windows_of(c, axes, image.sizes());
  Attributes attributes = attributes_of(w);
  add_unless(attributes, "pads", both_sides(w.pads, w.pads), 0);
  add_ceil_mode(attributes, w);
  const bool indices = c.is_used(1);
  const auto made = c.emit_several("MaxPool", {image.input()}, indices ? 2 : 1, attributes);
  image.result(made[0]);
  if (indices) image.result(1, place_in_plane(c, made[1], image.input(), image.sizes()));
}

// Windows that end in the excess of ceil_mode have fewer elements; a divisor that is given ignores that. So
// the excess becomes padding that counts.
Value* average_by_divisor(Conversion& c, Value* input, const Windows& w, int64_t divisor) {
  if (!w.excess) c.refuse("divisor_override with ceil_mode needs sizes that are known");
  if (divisor == 0) c.refuse("divisor_override is 0");
  std::vector<int64_t> ends = w.pads;
  for (size_t i = 0; i < ends.size(); ++i) ends[i] += (*w.excess)[i];
  const auto pads = both_sides(w.pads, ends);
  Attributes attributes = attributes_of(w);
  add_unless(attributes, "pads", pads, 0);
  if (!all_zero(pads)) attributes.emplace_back("count_include_pad", 1);
  Value* average = c.emit("AveragePool", {input}, attributes);
  const double elements = std::accumulate(w.kernel.begin(), w.kernel.end(), 1.0, std::multiplies<>());
  const double factor = elements / static_cast<double>(divisor);
  if (factor == 1) return average;
  return c.emit("Mul", {average, c.scalar(c.result_meta().type, factor)});
}

void pool_average(Conversion& c, size_t axes) {
  Batched image(c, "self", axes);
  const Windows w = windows_of(c, axes, image.sizes());
  if (c.has("divisor_override"))
    return image.result(average_by_divisor(c, image.input(), w, c.integer("divisor_override")));
  Attributes attributes = attributes_of(w);
  add_unless(attributes, "pads", both_sides(w.pads, w.pads), 0);
  add_ceil_mode(attributes, w);
  if (!all_zero(w.pads) && c.truth("count_include_pad", true))
    attributes.emplace_back("count_include_pad", 1);
  image.result(c.emit("AveragePool", {image.input()}, attributes));
}

}  // namespace

// max_pool1d to max_pool3d, and with the places of the largest elements: max_pool2d_with_indices
void convert_max_pool(Conversion& c) {
  pool_max(c, window_axes(c));
}

// avg_pool1d to avg_pool3d
void convert_avg_pool(Conversion& c) {
  pool_average(c, window_axes(c));
}

}  // namespace slipway::torch::aten
