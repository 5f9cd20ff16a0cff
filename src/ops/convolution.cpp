#include "ops/convolution.hpp"

#include "base/error.hpp"
#include "ops/index_walk.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

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

// Strides of one image's plane, row-major.
Dims plane_strides(const Dims& dims) {
  Dims strides(dims.size() - 2, 1);
  for (size_t axis = strides.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis + 2];
  return strides;
}

double sum_window(const double* plane, const double* weights, const Window& window, const Dims& in,
                  const Dims& strides, const Dims& at) {
  double sum = 0.0;
  for (IndexWalk tap(window.kernel); !tap.done(); tap.next(), ++weights) {
    int64_t offset = 0;
    bool inside = true;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      const int64_t place = at[axis] * window.strides[axis] - window.pads_begin[axis] +
                            tap.index()[axis] * window.dilations[axis];
      inside = inside && place >= 0 && place < in[axis + 2];
      offset += place * strides[axis];
    }
    if (inside) sum += plane[offset] * *weights;
  }
  return sum;
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
  const Dims strides = plane_strides(input.dims());
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const int64_t area = element_count(window.kernel);
  const double *in = input.data<double>().data(), *kernel = weights.data<double>().data();
  double* to = result.data<double>().data();
  for (int64_t image = 0; image < out[0]; ++image) {
    for (int64_t channel = 0; channel < out[1]; ++channel) {
      const int64_t first = image * input.dim(1) + channel / group_outputs * group_inputs;
      const double start = bias ? bias->data<double>()[static_cast<size_t>(channel)] : 0.0;
      for (IndexWalk walk(plane_dims); !walk.done(); walk.next()) {
        double sum = start;
        for (int64_t c = 0; c < group_inputs; ++c)
          sum += sum_window(in + (first + c) * plane, kernel + (channel * group_inputs + c) * area, window,
                            input.dims(), strides, walk.index());
        *to++ = sum;
      }
    }
  }
  return result;
}

}  // namespace slipway::ops
