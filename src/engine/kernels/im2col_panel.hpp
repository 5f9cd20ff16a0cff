// Panels of an image as im2col arranges it: for each product k of a convolution, and for each of some
// neighbouring pixels of the output, the input that weight k meets.
#pragma once

#include "engine/kernels/convolution.hpp"

namespace slipway::engine {

// Rows `ks` of the panel, `width` floats apart, with zeros behind the pixels. `image` is the first of the
// group's channels.
void gather_panel(const ConvolutionParameters& parameters, const float* image, Interval ks, Interval pixels,
                  int64_t width, float* panel);

// One row's part of it: `count` floats from `column` on, a stride apart; zeros outside of the row.
void gather_row(const float* row, int64_t row_width, int64_t column, int64_t stride, int64_t count,
                float* to);

// For rows that are too short for memcpy.
void copy_row(const float* from, int64_t count, float* to);

}  // namespace slipway::engine
