// The plain convolution that Conv and its quantised relatives are made of: any number of spatial axes,
// groups, strides, dilations, padding.
#pragma once

#include <optional>

#include "graph/node.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

// The result's shape for an input [N, C, spatial…] and weights [M, C / group, kernel…]; nothing when it is
// not known. Throws kInvalidModel when they or the node's attributes do not belong together.
std::optional<Shape> convolution_shape(const Node& node, const std::optional<Shape>& input,
                                       const std::optional<Shape>& weights);

// All of f64, not rounded; `bias` is [M] or nullptr. Sums of integers are exact up to 2^53. Throws
// kInvalidModel as above, and for a bias of another shape.
Tensor convolve(const Node& node, const Tensor& input, const Tensor& weights, const Tensor* bias);

}  // namespace slipway::ops
