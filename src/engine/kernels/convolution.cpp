#include "engine/kernels/convolution.hpp"

#include <tuple>

namespace slipway::engine {
namespace {

// Depth, height and width of what has an entry a spatial axis, the `skipped` first of them aside.
// Convolutions of fewer axes are those of a height and depth of 1.
std::tuple<int64_t, int64_t, int64_t> of_axes(const std::vector<int64_t>& values, size_t skipped,
                                              int64_t otherwise) {
  const auto from_end = [&](size_t axis) {
    return skipped + axis < values.size() ? values[values.size() - 1 - axis] : otherwise;
  };
  return {from_end(2), from_end(1), from_end(0)};
}

// None, or a constant for each output channel.
bool has_known_bias(const KernelRequest& request) {
  const ops::ShapeContext& shapes = request.shapes;
  if (shapes.inputs.size() < 3 || request.input_types[2] == DataType::kUndefined) return true;
  return shapes.constants[2] && shapes.inputs[2] == Dims{shapes.inputs[1][0]};
}

}  // namespace

std::optional<ConvolutionParameters> convolution_geometry(const Node& node, const Dims& in,
                                                          const Dims& weights, const Dims& out) {
  if (in.size() < 3 || in.size() > 5) return std::nullopt;
  const ops::Window window = ops::window_of(node, in, Dims(weights.begin() + 2, weights.end()));
  ConvolutionParameters p;
  p.batch = in[0];
  p.groups = node.int_attribute("group", 1);
  p.input.channels = in[1], p.output.channels = out[1];
  std::tie(p.input_depth, p.input.height, p.input.width) = of_axes(in, 2, 1);
  std::tie(p.output_depth, p.output.height, p.output.width) = of_axes(out, 2, 1);
  std::tie(p.kernel_depth, p.kernel_height, p.kernel_width) = of_axes(window.kernel, 0, 1);
  std::tie(p.stride_depth, p.stride_height, p.stride_width) = of_axes(window.strides, 0, 1);
  std::tie(p.dilation_depth, p.dilation_height, p.dilation_width) = of_axes(window.dilations, 0, 1);
  std::tie(p.pad_front, p.pad_top, p.pad_left) = of_axes(window.pads_begin, 0, 0);
  return p;
}

std::optional<ConvolutionParameters> convolution_parameters(const KernelRequest& request) {
  const ops::ShapeContext& shapes = request.shapes;
  if (!request.is_all_float() || shapes.inputs.size() < 2 || !shapes.constants[1]) return std::nullopt;
  if (!has_known_bias(request)) return std::nullopt;
  auto p = convolution_geometry(request.node(), shapes.inputs[0], shapes.inputs[1], shapes.outputs[0]);
  if (p) p->fusion = request.fusion;
  return p;
}

ConvolutionWeights::ConvolutionWeights(const KernelRequest& request, const ConvolutionParameters& p)
    : group_size_(packed_weights_size(p.group_outputs(), p.k())), group_outputs_(p.group_outputs()) {
  const Tensor& raw = *request.shapes.constants[1];
  const float* values = raw.data<float>().data();
  packed_ = request.weights.get(raw, "convolution/" + std::to_string(p.groups),
                                static_cast<size_t>(group_size_ * p.groups), [&](float* packed) {
                                  const int64_t m = p.group_outputs(), k = p.k();
                                  for (int64_t g = 0; g < p.groups; ++g)
                                    pack_weights(values + g * m * k, m, k, k, 1, packed + g * group_size_);
                                });
  if (request.shapes.constants.size() > 2 && request.shapes.constants[2]) {
    bias_owner_ = *request.shapes.constants[2];
    bias_ = bias_owner_.data<float>().data();
  }
}

}  // namespace slipway::engine
