#include "ops/window.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"

namespace slipway::ops {
namespace {

// What a file declares need not be what any memory holds.
void require_countable(int64_t size) {
  if (size > kMostElements)
    fail(ErrorCode::kOutOfMemory, "a spatial axis of {} elements is larger than any memory", size);
}

// SAME: as many outputs as ⌈input / stride⌉, the padding on both sides equal, an odd one at the end or the
// beginning.
void pad_to_same(Window& window, const Dims& input, bool upper) {
  for (size_t axis = 0; axis < window.kernel.size(); ++axis) {
    const int64_t size = input[axis + 2], stride = window.strides[axis];
    require_countable(size);
    const int64_t outputs = (size + stride - 1) / stride;
    const int64_t total = std::max<int64_t>(0, (outputs - 1) * stride + window.reach(axis) - size);
    window.pads_begin[axis] = upper ? total / 2 : total - total / 2;
    window.pads_end[axis] = total - window.pads_begin[axis];
  }
}

}  // namespace

Dim Window::spread_dim(size_t axis, const Dim& outputs, int64_t extra) const {
  const int64_t stride = strides[axis], last = reach(axis) + extra;
  const Dim steps = outputs * Dim(stride);
  const Dim size = last >= stride ? steps + Dim(last - stride) : steps - Dim(stride - last);
  if (outputs.is_known() && !size.is_known())
    fail(ErrorCode::kInvalidModel, "{} elements with stride {} along spatial axis {} make no output",
         outputs.value(), stride, axis);
  return size;
}

std::vector<int64_t> window_attribute(const Node& node, const char* name, size_t count, int64_t otherwise,
                                      int64_t least) {
  const auto values = node.ints_attribute(name, std::vector<int64_t>(count, otherwise));
  if (values.size() != count)
    fail(ErrorCode::kInvalidModel, "attribute {} has {} entries, but {} are expected", name, values.size(),
         count);
  for (int64_t value : values)
    if (value < least || value > kLargestWindow)
      fail(ErrorCode::kInvalidModel, "attribute {} is [{}]; entries must lie between {} and {}", name,
           fmt::join(values, ","), least, kLargestWindow);
  return values;
}

int64_t Window::output_size(size_t axis, int64_t input_size, bool ceil) const {
  require_countable(input_size);
  const int64_t room = input_size + pads_begin[axis] + pads_end[axis] - reach(axis);
  if (room < 0)
    fail(ErrorCode::kInvalidModel,
         "a window that spans {} is larger than the padded input of {} along spatial axis {}", reach(axis),
         input_size + pads_begin[axis] + pads_end[axis], axis);
  int64_t outputs = (room + (ceil ? strides[axis] - 1 : 0)) / strides[axis] + 1;
  // A window that would begin in the padding at the end is left out.
  if (ceil && (outputs - 1) * strides[axis] >= input_size + pads_begin[axis]) --outputs;
  return outputs;
}

Dim Window::output_dim(size_t axis, const Dim& input_size, bool ceil) const {
  if (input_size.is_known()) return output_size(axis, input_size.value(), ceil);
  if (ceil && strides[axis] != 1) return Dim();
  if (pads_depend_on_input) return strides[axis] == 1 ? input_size : Dim();
  const int64_t rest = pads_begin[axis] + pads_end[axis] - reach(axis);
  const Dim room = rest >= 0 ? input_size + Dim(rest) : input_size - Dim(-rest);
  return floor_div(room, strides[axis]) + Dim(1);
}

Window window_of(const Node& node, const Dims& input, const Dims& kernel) {
  if (input.size() < 3) fail(ErrorCode::kInvalidModel, "the input {} has no spatial axis", to_string(input));
  const size_t count = input.size() - 2;
  Window window;
  window.kernel = window_attribute(node, "kernel_shape", kernel.empty() ? count : kernel.size(), 1, 1);
  if (!kernel.empty()) {
    if (node.find_attribute("kernel_shape") && window.kernel != kernel)
      fail(ErrorCode::kInvalidModel, "attribute kernel_shape is [{}], but the weights' kernel is [{}]",
           fmt::join(window.kernel, ","), fmt::join(kernel, ","));
    window.kernel = kernel;
    for (int64_t size : kernel)
      if (size < 1 || size > kLargestWindow)
        fail(ErrorCode::kInvalidModel, "the weights' kernel has an axis of {}", size);
  } else if (!node.find_attribute("kernel_shape")) {
    fail(ErrorCode::kInvalidModel, "attribute kernel_shape is missing");
  }
  if (window.kernel.size() != count)
    fail(ErrorCode::kInvalidModel, "the kernel has {} axes, but the input {} has {} spatial ones",
         window.kernel.size(), to_string(input), count);
  window.strides = window_attribute(node, "strides", count, 1, 1);
  window.dilations = window_attribute(node, "dilations", count, 1, 1);
  for (size_t axis = 0; axis < count; ++axis)
    if (window.reach(axis) > kLargestWindow)
      fail(ErrorCode::kInvalidModel, "the dilated kernel spans {}", window.reach(axis));
  window.pads_begin.assign(count, 0);
  window.pads_end.assign(count, 0);
  const std::string auto_pad = node.string_attribute("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    window.pads_depend_on_input = true;
    pad_to_same(window, input, auto_pad == "SAME_UPPER");
  } else if (auto_pad == "NOTSET") {
    const auto pads = window_attribute(node, "pads", 2 * count, 0, 0);
    std::copy_n(pads.begin(), count, window.pads_begin.begin());
    std::copy_n(pads.begin() + static_cast<std::ptrdiff_t>(count), count, window.pads_end.begin());
  } else if (auto_pad != "VALID") {
    fail(ErrorCode::kInvalidModel,
         "attribute auto_pad is '{}'; NOTSET, SAME_UPPER, SAME_LOWER or VALID are expected", auto_pad);
  }
  return window;
}

}  // namespace slipway::ops
