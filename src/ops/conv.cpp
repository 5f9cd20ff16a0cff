// Conv: any number of spatial axes, groups, strides, dilations, padding. Products are summed in double and
// rounded once, which makes the reference kernel the better number beside any fast one.
#include <algorithm>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
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

void infer_conv(InferenceContext& context) {
  const DataType element = context.input_element_type(0);
  const auto &input = context.input_shape(0), &weights = context.input_shape(1);
  if (!input || !weights || !all_known(*weights)) return context.set_output_type(0, Type::tensor(element));
  const Dims kernel = known_dims(*weights);
  require(kernel.size() == input->size() && input->size() >= 3, "the weights' shape", to_string(kernel),
          "one of the input's rank, at least 3,");
  Shape out{(*input)[0], kernel[0]};
  // Unknown sizes stand in as something that any window fits into: of those axes only the attributes count.
  Dims sizes;
  for (const Dim& dim : *input) sizes.push_back(dim.is_known() ? dim.value() : int64_t{1} << 40);
  const Window window = window_of(context.node(), sizes, Dims(kernel.begin() + 2, kernel.end()));
  if ((*input)[1].is_known()) check_shapes(sizes, kernel, context.node().int_attribute("group", 1));
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    out.push_back(window.output_dim(axis, (*input)[axis + 2], false));
  context.set_output_type(0, Type::tensor(element, std::move(out)));
}

// Strides of one image's plane, row-major.
Dims plane_strides(const Dims& dims) {
  Dims strides(dims.size() - 2, 1);
  for (size_t axis = strides.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis + 2];
  return strides;
}

template <typename T>
double sum_window(const T* plane, const T* weights, const Window& window, const Dims& in, const Dims& strides,
                  const Dims& at) {
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
    if (inside) sum += static_cast<double>(to_exact(plane[offset])) * static_cast<double>(to_exact(*weights));
  }
  return sum;
}

template <typename T>
void convolve(KernelContext& context, const Window& window, const Dims& out) {
  const Tensor &input = context.input(0), &weights = context.input(1);
  const int64_t group = context.node().int_attribute("group", 1);
  const int64_t group_inputs = weights.dim(1), group_outputs = weights.dim(0) / group;
  const Dims strides = plane_strides(input.dims()), plane_dims(out.begin() + 2, out.end());
  const int64_t plane = element_count(Dims(input.dims().begin() + 2, input.dims().end()));
  const int64_t area = element_count(window.kernel);
  const T *in = input.data<T>().data(), *kernel = weights.data<T>().data();
  const T* bias = context.has_input(2) ? context.input(2).data<T>().data() : nullptr;
  T* to = context.make_output(0, input.type(), out).template data<T>().data();
  for (int64_t image = 0; image < out[0]; ++image) {
    for (int64_t channel = 0; channel < out[1]; ++channel) {
      const int64_t first = image * input.dim(1) + channel / group_outputs * group_inputs;
      for (IndexWalk walk(plane_dims); !walk.done(); walk.next()) {
        double sum = bias ? static_cast<double>(to_exact(bias[channel])) : 0.0;
        for (int64_t c = 0; c < group_inputs; ++c)
          sum += sum_window(in + (first + c) * plane, kernel + (channel * group_inputs + c) * area, window,
                            input.dims(), strides, walk.index());
        *to++ = static_cast<T>(sum);
      }
    }
  }
}

void compute_conv(KernelContext& context) {
  const Dims &in = context.input(0).dims(), &weights = context.input(1).dims();
  check_shapes(in, weights, context.node().int_attribute("group", 1));
  if (context.has_input(2) && context.input(2).dims() != Dims{weights[0]})
    fail(ErrorCode::kInvalidModel, "the bias has shape {}, but [{}] is expected",
         to_string(context.input(2).dims()), weights[0]);
  const Window window = window_of(context.node(), in, Dims(weights.begin() + 2, weights.end()));
  Dims out{in[0], weights[0]};
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    out.push_back(window.output_size(axis, in[axis + 2]));
  dispatch<Floats>(context.input(0).type(),
                   [&]<typename T>(ElementType<T>) { convolve<T>(context, window, out); });
}

Region conv_footprint(const ShapeContext& context, size_t index, const Region& region) {
  const Dims& dims = context.inputs[index];
  Region needed;
  for (int64_t size : dims) needed.push_back({0, size});
  if (index != 0) return needed;
  const Window window =
      window_of(context.node, dims, Dims(context.inputs[1].begin() + 2, context.inputs[1].end()));
  needed[0] = region[0];
  for (size_t axis = 0; axis < window.kernel.size(); ++axis)
    needed[axis + 2] =
        footprint_window(region[axis + 2], dims[axis + 2], window.kernel[axis], window.strides[axis],
                         window.dilations[axis], window.pads_begin[axis]);
  return needed;
}

double conv_flops(const ShapeContext& context) {
  const Dims& weights = context.inputs[1];
  const double per_output =
      static_cast<double>(element_count(weights)) / static_cast<double>(std::max<int64_t>(weights[0], 1));
  return 2.0 * per_output * static_cast<double>(element_count(context.outputs[0]));
}

}  // namespace

void register_conv(Registry& registry) {
  registry.add({.name = "Conv",
                .since_version = 22,
                .inputs = {{"X", "T"}, {"W", "T"}, {"B", "T", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"auto_pad", Attribute::Kind::kString},
                               {"dilations", Attribute::Kind::kInts},
                               {"group", Attribute::Kind::kInt},
                               {"kernel_shape", Attribute::Kind::kInts},
                               {"pads", Attribute::Kind::kInts},
                               {"strides", Attribute::Kind::kInts}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_conv,
                .compute = compute_conv,
                .footprint = conv_footprint,
                .flops = conv_flops});
}

}  // namespace slipway::ops
