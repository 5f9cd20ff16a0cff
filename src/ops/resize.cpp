// Resize in every form of the standard: modes, coordinate transformations, antialiasing, axes, scales or
// sizes, aspect ratio policies, cropping. One axis after the other (all interpolations of the standard are
// separable), in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/resize_axis.hpp"

namespace slipway::ops {
namespace {

enum Input : size_t { kX, kRoi, kScales, kSizes };

// Sizes beyond this are nobody's picture: a scale of 1e30 in a file must not become an allocation.
constexpr double kLargestSize = 1LL << 40;

// The axes that the inputs speak of, in their order.
std::vector<size_t> resized_axes(const Node& node, size_t rank) {
  std::vector<int64_t> all(rank);
  std::iota(all.begin(), all.end(), 0);
  std::vector<size_t> axes;
  std::vector<bool> seen(rank, false);
  for (int64_t axis : node.ints_attribute("axes", all)) {
    axes.push_back(normalize_axis(axis, rank, "an entry of attribute axes"));
    if (seen[axes.back()]) fail(ErrorCode::kInvalidModel, "attribute axes names axis {} twice", axes.back());
    seen[axes.back()] = true;
  }
  return axes;
}

int64_t checked_size(double size) {
  if (!(size >= 0) || size > kLargestSize)
    fail(ErrorCode::kInvalidArgument, "a resized axis would have {} elements", size);
  return static_cast<int64_t>(size);
}

float checked_scale(float scale) {
  if (!std::isfinite(scale) || scale <= 0)
    fail(ErrorCode::kInvalidArgument, "a scale is {}, but a finite number above 0 is expected", scale);
  return scale;
}

// Sums and products of sizes with borders up to this are numbers.
double checked_border(double border) {
  if (!(std::fabs(border) <= double{std::numeric_limits<float>::max()}))
    fail(ErrorCode::kInvalidArgument, "input roi holds {}, but finite numbers are expected", border);
  return border;
}

void require_count(size_t got, size_t expected, const char* what) {
  if (got != expected)
    fail(ErrorCode::kInvalidArgument,
         "input {} has {} elements, but {} are expected, one for each resized axis", what, got, expected);
}

// Output sizes and scales of all axes.
struct Target {
  Dims dims;
  CountedVector<double> scales;
};

Target target_from_scales(const Dims& in, const std::vector<size_t>& axes, const std::vector<float>& scales) {
  require_count(scales.size(), axes.size(), "scales");
  Target target{in, CountedVector<double>(in.size(), 1.0)};
  for (size_t i = 0; i < axes.size(); ++i) {
    const double scale = double{checked_scale(scales[i])};
    target.scales[axes[i]] = scale;
    target.dims[axes[i]] = checked_size(std::floor(static_cast<double>(in[axes[i]]) * scale));
  }
  return target;
}

Target target_from_sizes(const Node& node, const Dims& in, const std::vector<size_t>& axes,
                         const std::vector<int64_t>& sizes) {
  require_count(sizes.size(), axes.size(), "sizes");
  const std::string policy = node.string_attribute("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    fail(ErrorCode::kInvalidModel,
         "attribute keep_aspect_ratio_policy is '{}', which the standard does not have", policy);
  Target target{in, CountedVector<double>(in.size(), 1.0)};
  CountedVector<double> scales;
  for (size_t i = 0; i < axes.size(); ++i) {
    const double size = static_cast<double>(checked_size(static_cast<double>(sizes[i])));
    scales.push_back(in[axes[i]] == 0 ? 1.0 : size / static_cast<double>(in[axes[i]]));
  }
  if (policy != "stretch" && !scales.empty()) {
    const double common = policy == "not_larger" ? *std::min_element(scales.begin(), scales.end())
                                                 : *std::max_element(scales.begin(), scales.end());
    scales.assign(scales.size(), common);
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = axes[i];
    target.scales[axis] = scales[i];
    target.dims[axis] = policy == "stretch"
                            ? sizes[i]
                            : checked_size(std::floor(scales[i] * static_cast<double>(in[axis]) + 0.5));
  }
  return target;
}

bool has_elements(KernelContext& context, size_t input) {
  return context.has_input(input) && context.input(input).count() > 0;
}

Target find_target(KernelContext& context, const std::vector<size_t>& axes) {
  const Dims& in = context.input(kX).dims();
  const bool by_scales = has_elements(context, kScales), by_sizes = has_elements(context, kSizes);
  if (by_scales == by_sizes && !axes.empty())
    fail(ErrorCode::kInvalidArgument, "exactly one of the inputs scales and sizes is expected, but {} given",
         by_scales ? "both are" : "none is");
  if (axes.empty()) return {in, CountedVector<double>(in.size(), 1.0)};
  if (by_sizes)
    return target_from_sizes(context.node(), in, axes, read_integers(context.input(kSizes), "sizes"));
  const auto scales = context.input(kScales).data<float>();
  return target_from_scales(in, axes, {scales.begin(), scales.end()});
}

// Begin and end of the crop along each axis, as fractions.
struct Crop {
  CountedVector<double> begin, end;
};

Crop find_crop(KernelContext& context, const ResizeParameters& parameters, const std::vector<size_t>& axes) {
  const size_t rank = context.input(kX).rank();
  Crop crop{CountedVector<double>(rank, 0.0), CountedVector<double>(rank, 1.0)};
  if (parameters.transformation != CoordinateTransformation::kTfCropAndResize) return crop;
  if (!has_elements(context, kRoi))
    fail(ErrorCode::kInvalidArgument, "tf_crop_and_resize needs the input roi, which is not there");
  require_count(static_cast<size_t>(context.input(kRoi).count()), 2 * axes.size(), "roi");
  dispatch<Floats>(context.input(kRoi).type(), [&]<typename T>(ElementType<T>) {
    const auto roi = context.input(kRoi).data<T>();
    for (size_t i = 0; i < axes.size(); ++i) {
      crop.begin[axes[i]] = checked_border(static_cast<double>(to_exact(roi[i])));
      crop.end[axes[i]] = checked_border(static_cast<double>(to_exact(roi[axes.size() + i])));
    }
  });
  return crop;
}

std::vector<ResizeAxis> plan_axes(const ResizeParameters& parameters, const Dims& in, const Target& target,
                                  const std::vector<size_t>& axes, const Crop& crop) {
  std::vector<ResizeAxis> plans(in.size());
  for (size_t axis : axes)
    plans[axis] = plan_resize_axis(parameters, in[axis], target.dims[axis], target.scales[axis],
                                   crop.begin[axis], crop.end[axis]);
  return plans;
}

// Applies one axis' plan to [outer][in_size][inner].
CountedVector<double> interpolate(const CountedVector<double>& in, const Dims& dims, size_t axis,
                                  const ResizeAxis& plan) {
  int64_t outer = 1, inner = 1;
  for (size_t i = 0; i < axis; ++i) outer *= dims[i];
  for (size_t i = axis + 1; i < dims.size(); ++i) inner *= dims[i];
  CountedVector<double> out(static_cast<size_t>(outer * plan.out_size * inner), 0.0);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < plan.out_size; ++i)
      for (int64_t tap = 0; tap < plan.taps; ++tap) {
        const size_t place = static_cast<size_t>(i * plan.taps + tap);
        const double weight = double{plan.weights[place]};
        if (weight == 0.0) continue;
        const double* from = in.data() + (o * plan.in_size + plan.indices[place]) * inner;
        double* to = out.data() + (o * plan.out_size + i) * inner;
        for (int64_t j = 0; j < inner; ++j) to[j] += weight * from[j];
      }
  return out;
}

template <typename T>
T from_double(double value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (std::is_integral_v<T>) {
    // Integers are cut off, as the standard's evaluator does it; what overshoots saturates, and what is no
    // number is 0.
    if (std::isnan(value)) return 0;
    const double low = static_cast<double>(std::numeric_limits<T>::lowest()),
                 high = static_cast<double>(std::numeric_limits<T>::max());
    return value <= low    ? std::numeric_limits<T>::lowest()
           : value >= high ? std::numeric_limits<T>::max()
                           : static_cast<T>(value);
  } else {
    return static_cast<T>(value);
  }
}

// Outputs whose coordinate lies outside of the input are the extrapolation value.
template <typename T>
void extrapolate(Tensor& output, const std::vector<ResizeAxis>& plans, double value) {
  T* to = output.data<T>().data();
  for (IndexWalk walk(output.dims()); !walk.done(); walk.next(), ++to)
    for (size_t axis = 0; axis < plans.size(); ++axis)
      if (!plans[axis].outside.empty() && plans[axis].outside[static_cast<size_t>(walk.index()[axis])])
        *to = from_double<T>(value);
}

template <typename T>
void resize_by_interpolation(KernelContext& context, const Target& target,
                             const std::vector<ResizeAxis>& plans, double extrapolation_value) {
  const Tensor& input = context.input(kX);
  CountedVector<double> values;
  for (T value : input.data<T>()) values.push_back(static_cast<double>(to_exact(value)));
  Dims dims = input.dims();
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (plans[axis].out_size == 0 || plans[axis].is_identity()) continue;
    values = interpolate(values, dims, axis, plans[axis]);
    dims[axis] = plans[axis].out_size;
  }
  Tensor& output = context.make_output(0, input.type(), target.dims);
  auto out = output.data<T>();
  for (size_t i = 0; i < out.size(); ++i) out[i] = from_double<T>(values[i]);
  extrapolate<T>(output, plans, extrapolation_value);
}

template <typename T>
void resize_by_nearest(const Tensor& input, const std::vector<ResizeAxis>& plans, Tensor& output) {
  const T* in = input.data<T>().data();
  T* to = output.data<T>().data();
  const Dims& dims = output.dims();
  for (IndexWalk walk(dims); !walk.done(); walk.next()) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < plans.size(); ++axis) {
      const int64_t i = walk.index()[axis];
      offset = offset * input.dim(axis) +
               (plans[axis].out_size == 0 ? i : plans[axis].indices[static_cast<size_t>(i)]);
    }
    *to++ = in[offset];
  }
}

bool crops(const std::vector<ResizeAxis>& plans) {
  return std::any_of(plans.begin(), plans.end(),
                     [](const ResizeAxis& plan) { return !plan.outside.empty(); });
}

using Interpolated = Join<Numbers, Elements<bool>>;
using Moved =
    Join<Join<Interpolated, Float8s>, Elements<Float8e8m0, Text, std::complex<float>, std::complex<double>>>;

void compute_resize(KernelContext& context) {
  const ResizeParameters parameters = resize_parameters(context.node());
  const Tensor& input = context.input(kX);
  const auto axes = resized_axes(context.node(), input.rank());
  const Target target = find_target(context, axes);
  if (input.empty() || element_count(target.dims) == 0) {
    if (element_count(target.dims) != 0)
      fail(ErrorCode::kInvalidArgument, "{} has no elements to make {} from", input.describe(),
           to_string(target.dims));
    context.make_output(0, input.type(), target.dims);
    return;
  }
  const auto plans = plan_axes(parameters, input.dims(), target, axes, find_crop(context, parameters, axes));
  if (parameters.mode == ResizeMode::kNearest) {
    Tensor& output = context.make_output(0, input.type(), target.dims);
    dispatch<Moved>(input.type(),
                    [&]<typename T>(ElementType<T>) { resize_by_nearest<T>(input, plans, output); });
    if (!crops(plans)) return;
    dispatch<Interpolated>(input.type(), [&]<typename T>(ElementType<T>) {
      extrapolate<T>(output, plans, parameters.extrapolation_value);
    });
  } else {
    dispatch<Interpolated>(input.type(), [&]<typename T>(ElementType<T>) {
      resize_by_interpolation<T>(context, target, plans, parameters.extrapolation_value);
    });
  }
}

void infer_resize(InferenceContext& context) {
  const DataType element = context.input_element_type(kX);
  const auto& in = context.input_shape(kX);
  if (!in) return context.set_output_type(0, Type::tensor(element));
  const auto axes = resized_axes(context.node(), in->size());
  Shape out = *in;
  for (size_t axis : axes) out[axis] = Dim();
  const Tensor* scales = context.has_input(kScales) ? context.input_constant(kScales) : nullptr;
  const auto sizes = context.has_input(kSizes) ? context.input_elements(kSizes) : std::nullopt;
  if (scales && scales->count() > 0) {
    require_count(static_cast<size_t>(scales->count()), axes.size(), "scales");
    for (size_t i = 0; i < axes.size(); ++i) {
      const double scale = double{checked_scale(scales->data<float>()[i])};
      const Dim& size = (*in)[axes[i]];
      if (size.is_known()) {
        out[axes[i]] = checked_size(std::floor(static_cast<double>(size.value()) * scale));
      } else if (scale == std::floor(scale) && scale < 1e6) {
        out[axes[i]] = size * Dim(static_cast<int64_t>(scale));
      }
    }
  } else if (sizes && !sizes->empty()) {
    require_count(sizes->size(), axes.size(), "sizes");
    if (all_known(*in) && all_known(*sizes)) {
      const Dims known = target_from_sizes(context.node(), known_dims(*in), axes, known_dims(*sizes)).dims;
      out.assign(known.begin(), known.end());
    } else if (context.node().string_attribute("keep_aspect_ratio_policy", "stretch") == "stretch") {
      for (size_t i = 0; i < axes.size(); ++i) out[axes[i]] = (*sizes)[i];
    }
  }
  context.set_output_type(0, Type::tensor(element, std::move(out)));
}

Region resize_footprint(const ShapeContext& context, size_t index, const Region& region) {
  Region needed;
  for (int64_t size : context.inputs[index]) needed.push_back({0, size});
  const ResizeParameters parameters = resize_parameters(context.node);
  if (index != kX || parameters.transformation == CoordinateTransformation::kTfCropAndResize) return needed;
  const Dims &in = context.inputs[0], &out = context.outputs[0];
  const Tensor* scales = context.constants.size() > kScales ? context.constants[kScales] : nullptr;
  const bool by_scales = context.node.input(kScales) && element_count(context.inputs[kScales]) > 0;
  if ((by_scales && !scales) || context.node.find_attribute("axes")) return needed;
  for (size_t axis = 0; axis < in.size(); ++axis) {
    const double scale = by_scales ? double{scales->data<float>()[axis]}
                                   : static_cast<double>(out[axis]) / static_cast<double>(in[axis]);
    needed[axis] = plan_resize_axis(parameters, in[axis], out[axis], scale).needed(region[axis]);
  }
  return needed;
}

}  // namespace

void register_resize(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Resize",
                .since_version = 19,
                .inputs = {{"X", "T1"},
                           {"roi", "T2", Arity::kOptional},
                           {"scales", "tensor(float)", Arity::kOptional},
                           {"sizes", "tensor(int64)", Arity::kOptional}},
                .outputs = {{"Y", "T1"}},
                .attributes = {{"antialias", Kind::kInt},
                               {"axes", Kind::kInts},
                               {"coordinate_transformation_mode", Kind::kString},
                               {"cubic_coeff_a", Kind::kFloat},
                               {"exclude_outside", Kind::kInt},
                               {"extrapolation_value", Kind::kFloat},
                               {"keep_aspect_ratio_policy", Kind::kString},
                               {"mode", Kind::kString},
                               {"nearest_mode", Kind::kString}},
                .type_constraints = {{"T1", kAnyTensor}, {"T2", kIeeeFloats}},
                .infer = infer_resize,
                .compute = compute_resize,
                .footprint = resize_footprint});
}

}  // namespace slipway::ops
