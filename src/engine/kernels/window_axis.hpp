// How the outputs of a convolution read one axis of an image that is laid out by the stride: in phases, which
// are what is left of the places of its taps when they are divided by the stride, so that the places of one
// phase are neighbours for neighbouring outputs.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/kernels/convolution.hpp"

namespace slipway::engine {

struct WindowAxis {
  int64_t kernel, stride, dilation;

  // Each is looked up among those that were found: makers decline more than kMostPhases.
  CountedVector<int64_t> phases() const {
    CountedVector<int64_t> found;
    for (int64_t tap = 0; tap < std::min(kernel, stride); ++tap)
      if (const int64_t phase = tap * dilation % stride;
          std::find(found.begin(), found.end(), phase) == found.end())
        found.push_back(phase);
    return found;
  }
  // Places of each phase behind those that the first taps read.
  int64_t halo() const { return (kernel - 1) * dilation / stride; }
};

inline constexpr int64_t kMostPhases = 64;

inline WindowAxis depth_axis(const ConvolutionParameters& p) {
  return {p.kernel_depth, p.stride_depth, p.dilation_depth};
}
inline WindowAxis height_axis(const ConvolutionParameters& p) {
  return {p.kernel_height, p.stride_height, p.dilation_height};
}
inline WindowAxis width_axis(const ConvolutionParameters& p) {
  return {p.kernel_width, p.stride_width, p.dilation_width};
}

}  // namespace slipway::engine
