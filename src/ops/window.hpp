// The window of convolutions and pooling: kernel, strides, dilations and padding, from a node's attributes
// and shapes.
#pragma once

#include <vector>

#include "graph/node.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

// Larger than any picture, small enough that sums and products of three stay inside an int64_t.
inline constexpr int64_t kLargestWindow = int64_t{1} << 31;

// One entry a spatial axis.
struct Window {
  std::vector<int64_t> kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads_begin;
  std::vector<int64_t>
      pads_end;  // as stated or as auto_pad gives them; ceil_mode reads further without padding

  // Inputs from the first to the last that one output reads along an axis.
  int64_t reach(size_t axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
  // Outputs along an axis; with `ceil`, a last window may begin inside of the input or its padding and reach
  // out of it.
  int64_t output_size(size_t axis, int64_t input_size, bool ceil = false) const;
  // The same for a size that may be a symbol; then the window was made with any size in its place, and
  // auto_pad SAME is not known to it: unknown.
  Dim output_dim(size_t axis, const Dim& input_size, bool ceil) const;
  // Places that the windows of `outputs` outputs cover, and `extra` more: what transposed convolutions and
  // unpooling make of that many inputs before padding is cut off. Throws kInvalidModel when that is below 0
  // or too much.
  Dim spread_dim(size_t axis, const Dim& outputs, int64_t extra) const;
  bool pads_depend_on_input = false;  // auto_pad SAME_*
};

// `input` is [N, C, spatial…]; `kernel` the weights' spatial dimensions, or empty when the attribute
// kernel_shape says them. Throws kInvalidModel naming the attribute for wrong counts, sizes or strides below
// 1, negative padding, numbers that overflow, and a window that is larger than the padded input.
Window window_of(const Node& node, const Dims& input, const Dims& kernel);

// An attribute with one entry for each of `count` axes or sides; absent: `otherwise` for all. Throws
// kInvalidModel for another count, and for entries below `least` or beyond kLargestWindow.
std::vector<int64_t> window_attribute(const Node& node, const char* name, size_t count, int64_t otherwise,
                                      int64_t least);

}  // namespace slipway::ops
