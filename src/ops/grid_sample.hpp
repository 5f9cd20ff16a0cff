// Where GridSample reads along one axis. The reference kernel and the fast one share it, so they cannot
// differ in a coordinate. Cubic weights after Keys, "Cubic Convolution Interpolation for Digital Image
// Processing", 1981, with a = -0.75.
#pragma once

#include <cstdint>

#include "graph/node.hpp"
#include "ops/sampling.hpp"

namespace slipway::ops {

enum class GridMode : uint8_t { kNearest, kLinear, kCubic };
enum class GridPadding : uint8_t { kZeros, kBorder, kReflection };

struct GridSettings {
  GridMode mode;
  GridPadding padding;
  bool align_corners;
};

// Throws kInvalidModel for values that the standard does not have.
GridSettings grid_settings(const Node& node);

class GridAxis {
 public:
  static constexpr int64_t kMostTaps = 4;

  GridAxis(int64_t size, const GridSettings& settings);

  // What to read for a coordinate of the grid, where -1 and 1 are the two ends; returns how many, 0 where
  // nothing can be read.
  int64_t taps(double coordinate, Tap* taps) const;

 private:
  double brought_inside(double position) const;
  double reflected(double position) const;
  int64_t place(double index) const;
  double last() const { return static_cast<double>(size_ - 1); }

  int64_t size_;
  GridSettings settings_;
  double begin_, end_;
};

}  // namespace slipway::ops
