#include <algorithm>

#include "engine/kernels/convolution.hpp"

namespace slipway::engine {
namespace {

// Floats of all channels around one output: 64 MB of each thread. What is dilated further is gathered.
constexpr double kMostWindowFloats = 1 << 24;
// Places from the first of a window to the last that need not be in proportion to the image.
constexpr int64_t kShortReach = 256;

class DirectConvolution : public RegionKernel {
 public:
  DirectConvolution(const KernelRequest& request, const ConvolutionParameters& parameters)
      : p_(parameters), weights_(request, parameters) {
    input_ = p_.input;
    output_ = p_.output;
  }

  Interval input_rows(Interval rows) const override {
    return {rows.begin - p_.pad_top, rows.end - p_.pad_top + p_.dilation_height * (p_.kernel_height - 1)};
  }
  Interval input_columns(Interval columns) const override {
    return {columns.begin - p_.pad_left,
            columns.end - p_.pad_left + p_.dilation_width * (p_.kernel_width - 1)};
  }
  size_t scratch_floats(int64_t, int64_t) const override {
    return static_cast<size_t>(p_.k()) * sizeof(int64_t) / sizeof(float);
  }
  size_t constant_floats() const override {
    return static_cast<size_t>(packed_weights_size(p_.group_outputs(), p_.k()) * p_.groups);
  }

  void run(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns,
           float* scratch) const override {
    auto* offsets = reinterpret_cast<int64_t*>(scratch);
    find_offsets(in, offsets);
    GemmBlock block;
    block.m = p_.group_outputs();
    block.n = columns.size();
    block.k = block.weights_k = p_.k();
    block.offsets = offsets;
    block.out_stride = out.channel_stride;
    block.clamp = p_.fusion.clamp;
    for (int64_t group = 0; group < p_.groups; ++group) {
      block.weights = weights_.weights(group);
      block.bias = weights_.bias(group);
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        block.source = in.at(group * p_.group_inputs(), row - p_.pad_top, columns.begin - p_.pad_left);
        block.out = out.at(group * p_.group_outputs(), row, columns.begin);
        gemm_block(block);
      }
    }
  }

 private:
  void find_offsets(const PlaneView& in, int64_t* offsets) const {
    for (int64_t channel = 0; channel < p_.group_inputs(); ++channel)
      for (int64_t y = 0; y < p_.kernel_height; ++y)
        for (int64_t x = 0; x < p_.kernel_width; ++x)
          *offsets++ =
              channel * in.channel_stride + y * p_.dilation_height * in.row_stride + x * p_.dilation_width;
  }

  ConvolutionParameters p_;
  ConvolutionWeights weights_;
};

// A file may state dilations and padding of which the rows in memory are nothing but zeros.
bool is_in_proportion(const ConvolutionParameters& p) {
  const int64_t height = p.dilation_height * (p.kernel_height - 1),
                width = p.dilation_width * (p.kernel_width - 1);
  return height <= std::max(kShortReach, p.input.height) && width <= std::max(kShortReach, p.input.width) &&
         static_cast<double>(p.input.channels) * static_cast<double>(height + 1) *
                 static_cast<double>(width + 1) <=
             kMostWindowFloats;
}

bool is_possible(const KernelRequest& request, const ConvolutionParameters& p) {
  return request.shapes.inputs[0].size() == 4 && p.stride_height == 1 && p.stride_width == 1 &&
         p.fusion.residual_input == 0 && is_in_proportion(p);
}

}  // namespace

bool is_best_direct(const KernelRequest& request, const ConvolutionParameters& p) {
  return is_possible(request, p) && p.group_outputs() < kFewestForPanels && p.output.width >= 16;
}

std::unique_ptr<RegionKernel> make_direct_convolution(const KernelRequest& request) {
  const auto parameters = convolution_parameters(request);
  if (!parameters || !is_possible(request, *parameters)) return nullptr;
  return std::make_unique<DirectConvolution>(request, *parameters);
}

}  // namespace slipway::engine
