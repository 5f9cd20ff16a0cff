// DeformConv: a convolution whose kernel reads each place shifted by an offset of its own, between the
// elements, and weighted by a mask (Dai et al., "Deformable Convolutional Networks", 2017; Zhu et al., 2018).
// Any number of spatial axes.
#include <algorithm>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/convolution.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/sampling.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

void infer(InferenceContext& context) {
  context.set_output_type(
      0, Type::tensor(context.input_element_type(0),
                      convolution_shape(context.node(), context.input_shape(0), context.input_shape(1))));
}

struct Deformation {
  const Tensor& offsets;               // [N, offset groups * taps * axes, out…]
  const std::optional<Tensor>& masks;  // [N, offset groups * taps, out…]
  int64_t groups;
  int64_t taps;
  int64_t axes;
  int64_t area;  // of the output's plane

  double offset(int64_t image, int64_t group, int64_t tap, int64_t axis, int64_t place) const {
    const int64_t row = ((image * groups + group) * taps + tap) * axes + axis;
    return offsets.data<double>()[static_cast<size_t>(row * area + place)];
  }
  double mask(int64_t image, int64_t group, int64_t tap, int64_t place) const {
    if (!masks) return 1;
    const int64_t row = (image * groups + group) * taps + tap;
    return masks->data<double>()[static_cast<size_t>(row * area + place)];
  }
};

// What the kernel reads: [N, C, taps, out…] as a tensor [N, C * taps, out plane], so that a convolution
// without any geometry remains.
Tensor read_input(const Tensor& input, const Window& window, const Dims& plane_out, const Deformation& by) {
  const Dims plane_in(input.dims().begin() + 2, input.dims().end());
  const int64_t area = element_count(plane_in), channels = input.dim(1);
  Tensor columns(DataType::kDouble, {input.dim(0), element_count({channels, by.taps}), by.area});
  const double* in = input.data<double>().data();
  double* to = columns.data<double>().data();
  std::vector<Taps> taps(plane_in.size());
  for (int64_t image = 0; image < input.dim(0); ++image)
    for (int64_t channel = 0; channel < channels; ++channel, in += area) {
      const int64_t group = channel / (channels / by.groups);
      int64_t tap = 0;
      for (IndexWalk kernel(window.kernel); !kernel.done(); kernel.next(), ++tap) {
        int64_t place = 0;
        for (IndexWalk at(plane_out); !at.done(); at.next(), ++place) {
          for (size_t axis = 0; axis < taps.size(); ++axis) {
            const int64_t start = at.index()[axis] * window.strides[axis] - window.pads_begin[axis] +
                                  kernel.index()[axis] * window.dilations[axis];
            const double shift = by.offset(image, group, tap, static_cast<int64_t>(axis), place);
            taps[axis] = linear_taps(static_cast<double>(start) + shift, plane_in[axis]);
          }
          *to++ = by.mask(image, group, tap, place) * sample(in, std::span<const int64_t>(plane_in), taps);
        }
      }
    }
  return columns;
}

// columns [N, C * taps, area] times weights [M, C / group, taps…].
Tensor multiply(const Tensor& columns, const Tensor& weights, int64_t group,
                const std::optional<Tensor>& bias, const Dims& out) {
  Tensor result(DataType::kDouble, out);
  const int64_t area = columns.dim(2);
  const int64_t inner = columns.dim(1) / group, group_outputs = weights.dim(0) / group;
  double* to = result.data<double>().data();
  for (int64_t image = 0; image < out[0]; ++image)
    for (int64_t channel = 0; channel < out[1]; ++channel)
      for (int64_t place = 0; place < area; ++place) {
        const int64_t first = image * columns.dim(1) + channel / group_outputs * inner;
        const double* column = columns.data<double>().data() + first * area + place;
        const double* weight = weights.data<double>().data() + channel * inner;
        WorkScope::spend(static_cast<double>(inner));
        double sum = bias ? bias->data<double>()[static_cast<size_t>(channel)] : 0.0;
        for (int64_t k = 0; k < inner; ++k) sum += weight[k] * column[k * area];
        *to++ = sum;
      }
  return result;
}

void compute(KernelContext& context) {
  const Node& node = context.node();
  const Tensor input = exact_input(context, 0), weights = exact_input(context, 1);
  const Dims out = known_dims(*convolution_shape(node, shape_of(input), shape_of(weights)));
  const Window window = window_of(node, input.dims(), Dims(weights.dims().begin() + 2, weights.dims().end()));
  check_sampled_axes(window.kernel.size());
  const int64_t groups = node.int_attribute("offset_group", 1);
  if (groups < 1 || input.dim(1) % groups != 0)
    fail(ErrorCode::kInvalidModel, "offset_group is {}, but a divisor of the {} channels is expected", groups,
         input.dim(1));

  const Tensor offsets = exact_input(context, 2);
  const auto bias = exact_optional_input(context, 3), masks = exact_optional_input(context, 4);
  const Dims plane_out(out.begin() + 2, out.end());
  const Deformation by{offsets,
                       masks,
                       groups,
                       element_count(window.kernel),
                       static_cast<int64_t>(plane_out.size()),
                       element_count(plane_out)};
  const auto per_place = [&](int64_t channels) {
    Dims dims{out[0], channels};
    dims.insert(dims.end(), plane_out.begin(), plane_out.end());
    return dims;
  };
  require_dims(offsets, "the offset", per_place(element_count({groups, by.taps, by.axes})));
  if (masks) require_dims(*masks, "the mask", per_place(groups * by.taps));
  if (bias) require_dims(*bias, "the bias", {out[1]});
  const Tensor columns = read_input(input, window, plane_out, by);
  round_to_output(context, 0, context.input(0).type(),
                  multiply(columns, weights, node.int_attribute("group", 1), bias, out));
}

}  // namespace

void register_deform_conv(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "DeformConv",
                .since_version = 22,
                .inputs = {{"X", "T"},
                           {"W", "T"},
                           {"offset", "T"},
                           {"B", "T", Arity::kOptional},
                           {"mask", "T", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"dilations", Kind::kInts},
                               {"group", Kind::kInt},
                               {"kernel_shape", Kind::kInts},
                               {"offset_group", Kind::kInt},
                               {"pads", Kind::kInts},
                               {"strides", Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
