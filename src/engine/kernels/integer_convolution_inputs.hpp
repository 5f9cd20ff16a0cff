// What the kernels of ConvInteger and QLinearConv have in common: what they take, and what their operators'
// inputs say about the sums of products (sums_block.hpp).
#pragma once

#include <optional>

#include "engine/kernels/convolution.hpp"

namespace slipway::engine {

// Places of the operator's inputs; those of scales are QLinearConv's alone.
struct IntegerConvolutionInputs {
  size_t x, x_zero_point, w, w_zero_point;
  size_t x_scale = 0, w_scale = 0, out_scale = 0, out_zero_point = 0, bias = 0;

  bool scaled() const { return out_scale != 0; }
  int32_t x_zero_point_of(const KernelRun& run) const;
  // Of some output channels.
  void w_zero_points_of(const KernelRun& run, Interval channels, int32_t* to) const;
  void scales_of(const KernelRun& run, Interval channels, double* to) const;
  const int32_t* bias_of(const KernelRun& run) const;  // nullptr: none
};
inline constexpr IntegerConvolutionInputs kConvInteger{0, 2, 1, 3};
inline constexpr IntegerConvolutionInputs kQLinearConv{0, 2, 3, 5, 1, 4, 6, 7, 8};

// Nothing if it is not one with two spatial axes (one is taken as a height of 1), with one scale and zero
// point for the image and one, or one for each channel, for the weights, and with sums that QLinearConv can
// scale.
std::optional<ConvolutionParameters> integer_convolution_parameters(const KernelRequest& request,
                                                                    const IntegerConvolutionInputs& inputs);

// How far from 0 the sums may be, of a QLinearConv; those of a ConvInteger wrap.
int32_t most_sum(const ConvolutionParameters& p);

}  // namespace slipway::engine
