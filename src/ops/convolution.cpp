#include "ops/convolution.hpp"

#include "base/error.hpp"
#include "ops/index_walk.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window_walk.hpp"

namespace slipway::ops {
namespace {

void require(bool condition, const char* what, const std::string& got, const std::string& expected) {
  if (!condition) fail(ErrorCode::kInvalidModel, "{} is {}, but {} is expected", what, got, expected);
}

// Throws when input, weights and group do not belong together.
void check_shapes(const Dims& input, const Dims& weights, int64_t group) {
  require(weights.size() == input.size() && input.size() >= 3, "the weights' shape", to_string(weights),
          "one of the input's rank, at least 3,");
  require(group >= 1 && weights[0] % group == 0, "attribute group", std::to_string(group),
          "a divisor of the " + std::to_string(weights[0]) + " output channels");
  require(input[1] % group == 0 && weights[1] == input[1] / group, "the weights' number of input channels",
          std::to_string(weights[1]), std::to_string(input[1]) + " / group " + std::to_string(group));
}

}  // namespace

std::optional<Shape> convolution_shape(const Node& node, const std::optional<Shape>& input,
                                       const std::optional<Shape>& weights) {
  if (!input || !weights || !all_known(*weights)) return std::nullopt;
  const Dims kernel = known_dims(*weights);
  require(kernel.size() == input->size() && input->size() >= 3, "the weights' shape", to_string(kernel),
          "one of the input's rank, at least 3,");
  Shape out{(*input)[0], kernel[0]};
  // Unknown sizes stand in as something that any window fits into: of those axes only the attributes count.
  Dims sizes;
  for (const Dim& dim : *input) sizes.push_back(dim.is_known() ? dim.value() : int64_t{1} << 40);
  const Window window = window_of(node, sizes, Dims(kernel.begin() + 2, kernel.end()));
  if ((*input)[1].is_known()) check_shapes(sizes, kernel, node.int_attribute("group", 1));
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    out.push_back(window.output_dim(axis, (*input)[axis + 2], false));
  return out;
}

Tensor convolve(const Node& node, const Tensor& input, const Tensor& weights, const Tensor* bias) {
  const int64_t group = node.int_attribute("group", 1);
  check_shapes(input.dims(), weights.dims(), group);
  if (bias) require_dims(*bias, "the bias", {weights.dim(0)});
  const Window window = window_of(node, input.dims(), Dims(weights.dims().begin() + 2, weights.dims().end()));
  Dims plane_dims;
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    plane_dims.push_back(window.output_size(axis, input.dim(axis + 2)));
  Dims out{input.dim(0), weights.dim(0)};
  out.insert(out.end(), plane_dims.begin(), plane_dims.end());
  Tensor result(DataType::kDouble, out);

  const int64_t group_inputs = weights.dim(1), group_outputs = weights.dim(0) / group;
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const int64_t area = element_count(window.kernel);
  const double *in = input.data<double>().data(), *kernel = weights.data<double>().data();
  double* to = result.data<double>().data();
  WindowWalk taps(window, input.dims());
  for (int64_t image = 0; image < out[0]; ++image) {
    for (int64_t channel = 0; channel < out[1]; ++channel) {
      const int64_t first = image * input.dim(1) + channel / group_outputs * group_inputs;
      const double start = bias ? bias->data<double>()[static_cast<size_t>(channel)] : 0.0;
      for (IndexWalk walk(plane_dims); !walk.done(); walk.next()) {
        double sum = start;
        taps.move_to(walk.index(), group_inputs);
        for (int64_t c = 0; c < group_inputs; ++c) {
          const double *values = in + (first + c) * plane,
                       *weight = kernel + (channel * group_inputs + c) * area;
          double of_channel = 0.0;
          taps.visit([&](int64_t offset, int64_t tap) { of_channel += values[offset] * weight[tap]; });
          sum += of_channel;
        }
        *to++ = sum;
      }
    }
  }
  return result;
}

}  // namespace slipway::ops
