#include "engine/kernels/convolution.hpp"

namespace slipway::engine {
namespace {

// A one-dimensional convolution is one of height 1.
int64_t spatial(const Dims& dims, size_t axis_from_end) {
  const size_t rank = dims.size() - 2;
  return axis_from_end < rank ? dims[dims.size() - 1 - axis_from_end] : 1;
}

int64_t of_axis(const std::vector<int64_t>& values, size_t axis_from_end, int64_t otherwise) {
  return axis_from_end < values.size() ? values[values.size() - 1 - axis_from_end] : otherwise;
}

}  // namespace

std::optional<ConvolutionParameters> convolution_geometry(const Node& node, const Dims& in,
                                                          const Dims& weights, const Dims& out) {
  if (in.size() != 3 && in.size() != 4) return std::nullopt;
  const ops::Window window = ops::window_of(node, in, Dims(weights.begin() + 2, weights.end()));
  ConvolutionParameters p;
  p.batch = in[0];
  p.groups = node.int_attribute("group", 1);
  p.input = {in[1], spatial(in, 1), spatial(in, 0)};
  p.output = {out[1], spatial(out, 1), spatial(out, 0)};
  p.kernel_height = of_axis(window.kernel, 1, 1), p.kernel_width = of_axis(window.kernel, 0, 1);
  p.stride_height = of_axis(window.strides, 1, 1), p.stride_width = of_axis(window.strides, 0, 1);
  p.dilation_height = of_axis(window.dilations, 1, 1), p.dilation_width = of_axis(window.dilations, 0, 1);
  p.pad_top = of_axis(window.pads_begin, 1, 0), p.pad_left = of_axis(window.pads_begin, 0, 0);
  return p;
}

std::optional<ConvolutionParameters> convolution_parameters(const KernelRequest& request) {
  const ops::ShapeContext& shapes = request.shapes;
  if (!request.is_all_float() || shapes.inputs.size() < 2 || !shapes.constants[1]) return std::nullopt;
  if (shapes.inputs.size() > 2 && !shapes.inputs[2].empty() && !shapes.constants[2]) return std::nullopt;
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
