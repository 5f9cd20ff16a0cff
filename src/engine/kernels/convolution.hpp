// Convolution of f32 images and volumes, NC[D]HW, any groups, strides, dilations and padding, with bias, an
// added tensor and a clamp fused. Three algorithms over one micro-kernel (gemm_block.hpp):
//
//   direct: K offsets into rows of the (padded) image itself; images, stride 1; for few output channels and
//   for chains
//   padded: K offsets into a padded copy; any stride; for other convolutions with few output or input
//   channels
//   im2col: panels of pixels are gathered first, K × panel; any stride; for many output channels
//
// Error against exact arithmetic: one f32 multiply-add chain of length K = channels/group · kernel area.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/kernel.hpp"
#include "engine/kernels/gemm_block.hpp"
#include "engine/region_kernel.hpp"
#include "ops/window.hpp"

namespace slipway::engine {

// What all of them need to know. Channels are those of one group.
struct ConvolutionParameters {
  int64_t batch = 0;
  int64_t groups = 1;
  ImageShape input;  // all channels
  ImageShape output;
  int64_t input_depth = 1, output_depth = 1;  // planes of each channel
  int64_t kernel_depth = 1, kernel_height = 1, kernel_width = 1;
  int64_t stride_depth = 1, stride_height = 1, stride_width = 1;
  int64_t dilation_depth = 1, dilation_height = 1, dilation_width = 1;
  int64_t pad_front = 0, pad_top = 0, pad_left = 0;
  Fusion fusion;

  int64_t group_inputs() const { return input.channels / groups; }
  int64_t group_outputs() const { return output.channels / groups; }
  int64_t k() const { return group_inputs() * kernel_depth * kernel_height * kernel_width; }
  // Of one channel.
  int64_t input_pixels() const { return input_depth * input.height * input.width; }
  int64_t output_pixels() const { return output_depth * output.height * output.width; }
};

// The geometry of a convolution with one to three spatial axes (those in front are taken as 1); nothing for
// others.
std::optional<ConvolutionParameters> convolution_geometry(const Node& node, const Dims& in,
                                                          const Dims& weights, const Dims& out);
// The same of a Conv of f32 with constant weights; nothing for others.
std::optional<ConvolutionParameters> convolution_parameters(const KernelRequest& request);

// Weights packed for gemm_block, group after group, and the bias.
struct ConvolutionWeights {
  ConvolutionWeights(const KernelRequest& request, const ConvolutionParameters& parameters);
  // Of one group.
  const float* weights(int64_t group) const { return floats_of(*packed_) + group * group_size_; }
  const float* bias(int64_t group) const { return bias_ ? bias_ + group * group_outputs_ : nullptr; }

 private:
  std::shared_ptr<const Buffer> packed_;
  const float* bias_ = nullptr;
  Tensor bias_owner_;
  int64_t group_size_ = 0;
  int64_t group_outputs_ = 0;
};

// Floats of a group's weights that stay in the L2 cache.
inline constexpr int64_t kMostCachedWeights = 131072;
// Gathering a panel costs as much as multiplying it with fewer output channels of a group.
inline constexpr int64_t kFewestForPanels = 16;
// Whether the direct algorithm is the fastest for it alone.
bool is_best_direct(const KernelRequest& request, const ConvolutionParameters& parameters);

std::unique_ptr<Kernel> make_convolution(const KernelRequest& request);  // im2col
std::unique_ptr<Kernel> make_padded_convolution(const KernelRequest& request);
std::unique_ptr<RegionKernel> make_direct_convolution(const KernelRequest& request);  // direct

}  // namespace slipway::engine
