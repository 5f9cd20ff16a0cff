// How Resize maps one axis: for each output index the inputs that it is made of and their weights. The
// reference kernel and the fast one share it, so they cannot differ in a coordinate.
//
// Coordinates are computed in double from the scale as it is given; weights are rounded to f32 once. Cubic is
// Keys' kernel ("Cubic convolution interpolation", 1981) with the coefficient `a`; antialiasing widens linear
// and cubic kernels by the inverse scale when shrinking. What lies outside repeats the edge, with
// antialiasing too (Pillow and PyTorch leave it out there: that is exclude_outside = 1).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/footprint.hpp"

namespace slipway::ops {

enum class ResizeMode : uint8_t { kNearest, kLinear, kCubic };
enum class CoordinateTransformation : uint8_t {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfCropAndResize
};
enum class NearestMode : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };

struct ResizeParameters {
  ResizeMode mode = ResizeMode::kNearest;
  CoordinateTransformation transformation = CoordinateTransformation::kHalfPixel;
  NearestMode nearest_mode = NearestMode::kRoundPreferFloor;
  double cubic_coeff_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
  double extrapolation_value = 0.0;
};

// The attributes of a Resize. Throws kInvalidModel for values that the standard does not have.
ResizeParameters resize_parameters(const Node& node);

// One axis of one Resize.
struct ResizeAxis {
  int64_t in_size = 0;
  int64_t out_size = 0;
  int64_t taps = 1;                // inputs per output
  CountedVector<int64_t> indices;  // [out_size][taps], each within [0, in_size); not falling from tap to tap
  CountedVector<float> weights;    // [out_size][taps]; 0 for taps that do not count
  CountedVector<bool>
      outside;  // tf_crop_and_resize alone: outputs that are the extrapolation value; else empty

  bool is_identity() const;
  // The inputs that these outputs read.
  Interval needed(Interval outputs) const;
};

// `scale` is output ÷ input as the model states it (or as the sizes give it); `roi_begin` and `roi_end` are
// used by tf_crop_and_resize alone. in_size and out_size are at least 1.
ResizeAxis plan_resize_axis(const ResizeParameters& parameters, int64_t in_size, int64_t out_size,
                            double scale, double roi_begin = 0.0, double roi_end = 1.0);

}  // namespace slipway::ops
