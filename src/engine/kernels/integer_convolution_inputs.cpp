#include "engine/kernels/integer_convolution_inputs.hpp"

#include <algorithm>

#include "engine/kernels/quantized_operands.hpp"

namespace slipway::engine {
namespace {

constexpr int64_t kMostProduct = int64_t{255} * 255;
// Sums of more products than this may not fit into 32 bits.
constexpr int64_t kMostProducts = 2147483647 / kMostProduct;

const Tensor* input(const KernelRun& run, size_t index) {
  return index != 0 && index < run.inputs.size() ? run.inputs[index] : nullptr;
}

bool is_one_number(const KernelRequest& request, size_t input) {
  return input >= request.shapes.inputs.size() ||
         (element_count(request.shapes.inputs[input]) == 1 && request.shapes.inputs[input].size() <= 1);
}

bool is_of_channels(const KernelRequest& request, size_t input, int64_t channels) {
  return is_one_number(request, input) || request.shapes.inputs[input] == Dims{channels};
}

}  // namespace

int32_t IntegerConvolutionInputs::x_zero_point_of(const KernelRun& run) const {
  const Tensor* tensor = input(run, x_zero_point);
  return tensor ? byte_at(*tensor, 0) : 0;
}

void IntegerConvolutionInputs::w_zero_points_of(const KernelRun& run, Interval channels, int32_t* to) const {
  const Tensor* tensor = input(run, w_zero_point);
  if (!tensor || tensor->count() == 1)
    std::fill_n(to, channels.size(), tensor ? byte_at(*tensor, 0) : 0);
  else
    for (int64_t i = 0; i < channels.size(); ++i) to[i] = byte_at(*tensor, channels.begin + i);
}

void IntegerConvolutionInputs::scales_of(const KernelRun& run, Interval channels, double* to) const {
  const double of_x = run.input_floats(x_scale)[0], of_out = run.input_floats(out_scale)[0];
  const auto of_w = run.input(w_scale).data<float>();
  if (of_w.size() == 1) return void(std::fill_n(to, channels.size(), of_x * of_w[0] / of_out));
  const float* from = of_w.data() + channels.begin;
  for (int64_t i = 0; i < channels.size(); ++i) to[i] = of_x * from[i] / of_out;
}

const int32_t* IntegerConvolutionInputs::bias_of(const KernelRun& run) const {
  const Tensor* tensor = input(run, bias);
  return tensor ? tensor->data<int32_t>().data() : nullptr;
}

std::optional<ConvolutionParameters> integer_convolution_parameters(const KernelRequest& request,
                                                                    const IntegerConvolutionInputs& inputs) {
  const auto& shapes = request.shapes;
  if (shapes.outputs[0].size() != 3 && shapes.outputs[0].size() != 4) return std::nullopt;
  const auto parameters = convolution_geometry(request.node(), shapes.inputs[inputs.x],
                                               shapes.inputs[inputs.w], shapes.outputs[0]);
  if (!parameters) return std::nullopt;
  const int64_t channels = parameters->output.channels;
  if (!is_one_number(request, inputs.x_zero_point) || !is_of_channels(request, inputs.w_zero_point, channels))
    return std::nullopt;
  if (!inputs.scaled()) return parameters;
  if (parameters->k() > kMostProducts) return std::nullopt;
  for (size_t input : {inputs.x_scale, inputs.out_scale, inputs.out_zero_point})
    if (!is_one_number(request, input)) return std::nullopt;
  if (!is_of_channels(request, inputs.w_scale, channels)) return std::nullopt;
  const bool has_bias =
      shapes.inputs.size() > inputs.bias && request.input_types[inputs.bias] != DataType::kUndefined;
  if (has_bias && shapes.inputs[inputs.bias] != Dims{channels}) return std::nullopt;
  return parameters;
}

int32_t most_sum(const ConvolutionParameters& p) {
  return static_cast<int32_t>(std::min(p.k(), kMostProducts) * kMostProduct);
}

}  // namespace slipway::engine
