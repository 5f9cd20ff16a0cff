// Which region of an input an operator reads to make a region of its output. This is what lets a chain of
// operators run tile by tile: the tiler asks the last operator what it needs for a tile, then the one before
// it, and so on.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/node.hpp"
#include "tensor/dim.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

// Half-open: begin ≤ i < end.
struct Interval {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// One interval an axis.
using Region = std::vector<Interval>;

// A node with the shapes of what goes in and comes out, all known, and those inputs' values that are
// constants.
struct ShapeContext {
  const Node& node;
  std::vector<Dims> inputs;  // empty for absent ones
  std::vector<Dims> outputs;
  std::vector<const Tensor*> constants;  // per input; nullptr where it is not a constant
};

// The region of input `index` that output 0's `region` needs, clipped to the input (padding needs no input).
// Must be monotone: a later output region never needs earlier input rows than an earlier one.
using FootprintFunction = Region (*)(const ShapeContext& context, size_t index, const Region& region);

// The rule of elementwise operators with broadcasting: the same region, axes of size 1 whole.
Region footprint_elementwise(const ShapeContext& context, size_t index, const Region& region);

// The rule of a window (convolution, pooling) along one axis.
Interval footprint_window(Interval output, int64_t input_size, int64_t kernel, int64_t stride,
                          int64_t dilation, int64_t pad_begin);

}  // namespace slipway::ops
