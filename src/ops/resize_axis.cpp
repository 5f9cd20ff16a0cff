#include "ops/resize_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace slipway::ops {
namespace {

template <typename T, size_t N>
T from_name(const Node& node, std::string_view attribute, std::string_view otherwise,
            const std::array<std::pair<std::string_view, T>, N>& names) {
  const std::string value = node.string_attribute(attribute, otherwise);
  for (const auto& [name, meaning] : names)
    if (name == value) return meaning;
  fail(ErrorCode::kInvalidModel, "attribute {} is '{}', which the standard does not have", attribute, value);
}

constexpr std::array<std::pair<std::string_view, ResizeMode>, 3> kModes = {
    {{"nearest", ResizeMode::kNearest}, {"linear", ResizeMode::kLinear}, {"cubic", ResizeMode::kCubic}}};

constexpr std::array<std::pair<std::string_view, CoordinateTransformation>, 6> kTransformations = {
    {{"half_pixel", CoordinateTransformation::kHalfPixel},
     {"half_pixel_symmetric", CoordinateTransformation::kHalfPixelSymmetric},
     {"pytorch_half_pixel", CoordinateTransformation::kPytorchHalfPixel},
     {"align_corners", CoordinateTransformation::kAlignCorners},
     {"asymmetric", CoordinateTransformation::kAsymmetric},
     {"tf_crop_and_resize", CoordinateTransformation::kTfCropAndResize}}};

constexpr std::array<std::pair<std::string_view, NearestMode>, 4> kNearestModes = {
    {{"round_prefer_floor", NearestMode::kRoundPreferFloor},
     {"round_prefer_ceil", NearestMode::kRoundPreferCeil},
     {"floor", NearestMode::kFloor},
     {"ceil", NearestMode::kCeil}}};

// `size` is the output's: the whole part of in · scale.
double input_coordinate(CoordinateTransformation transformation, double x, double in, double size,
                        double scale, double roi_begin, double roi_end) {
  // A scale that is the quotient of two sizes means the size, not what rounding made of it.
  const double exact = in * scale, out = std::fabs(exact - size) < 1e-6 * size ? size : exact;
  switch (transformation) {
    case CoordinateTransformation::kHalfPixel:
      return (x + 0.5) / scale - 0.5;
    case CoordinateTransformation::kHalfPixelSymmetric: {
      // The output may be shorter than in · scale: what is missing is taken from both ends.
      return in / 2 * (1 - size / out) + (x + 0.5) / scale - 0.5;
    }
    case CoordinateTransformation::kPytorchHalfPixel:
      return out > 1 ? (x + 0.5) / scale - 0.5 : 0.0;
    case CoordinateTransformation::kAlignCorners:
      return out > 1 ? x * (in - 1) / (out - 1) : 0.0;
    case CoordinateTransformation::kAsymmetric:
      return x / scale;
    case CoordinateTransformation::kTfCropAndResize:
      return out > 1 ? roi_begin * (in - 1) + x * (roi_end - roi_begin) * (in - 1) / (out - 1)
                     : 0.5 * (roi_begin + roi_end) * (in - 1);
  }
  return x;
}

double nearest_index(NearestMode mode, double x) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return std::ceil(x - 0.5);
    case NearestMode::kRoundPreferCeil:
      return std::floor(x + 0.5);
    case NearestMode::kFloor:
      return std::floor(x);
    case NearestMode::kCeil:
      return std::ceil(x);
  }
  return x;
}

double cubic(double distance, double a) {
  const double x = std::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0.0;
}

double linear(double distance) {
  return std::max(0.0, 1.0 - std::fabs(distance));
}

// The kernel of a mode: how far it reaches and how much a neighbour at a distance counts.
class Interpolation {
 public:
  Interpolation(const ResizeParameters& parameters, double scale)
      : parameters_(parameters), stretch_(parameters.antialias && scale < 1 ? 1 / scale : 1.0) {}

  // Neighbours at (x − reach, x + reach) may count.
  double reach() const { return (parameters_.mode == ResizeMode::kCubic ? 2.0 : 1.0) * stretch_; }
  int64_t taps() const { return 2 * static_cast<int64_t>(std::ceil(reach())); }
  double weight(double distance) const {
    const double x = distance / stretch_;
    return parameters_.mode == ResizeMode::kCubic ? cubic(x, parameters_.cubic_coeff_a) : linear(x);
  }
  bool is_stretched() const { return stretch_ != 1.0; }

 private:
  const ResizeParameters& parameters_;
  double stretch_;
};

void interpolate(const ResizeParameters& parameters, const Interpolation& kernel, double x, size_t output,
                 ResizeAxis& axis) {
  const size_t taps = static_cast<size_t>(axis.taps);
  const double first = std::floor(x) - static_cast<double>(axis.taps) / 2 + 1;
  CountedVector<double> weights(taps);
  double sum = 0.0;
  for (size_t tap = 0; tap < taps; ++tap) {
    const double place = first + static_cast<double>(tap);
    const bool inside = place >= 0 && place < static_cast<double>(axis.in_size);
    weights[tap] = inside || !parameters.exclude_outside ? kernel.weight(x - place) : 0.0;
    sum += weights[tap];
    axis.indices[output * taps + tap] =
        static_cast<int64_t>(std::clamp(place, 0.0, static_cast<double>(axis.in_size - 1)));
  }
  // Elsewhere the weights add up to 1 by themselves.
  const bool normalizes = (parameters.exclude_outside || kernel.is_stretched()) && sum != 0;
  for (size_t tap = 0; tap < taps; ++tap)
    axis.weights[output * taps + tap] = static_cast<float>(normalizes ? weights[tap] / sum : weights[tap]);
}

}  // namespace

ResizeParameters resize_parameters(const Node& node) {
  ResizeParameters p;
  p.mode = from_name(node, "mode", "nearest", kModes);
  p.transformation = from_name(node, "coordinate_transformation_mode", "half_pixel", kTransformations);
  p.nearest_mode = from_name(node, "nearest_mode", "round_prefer_floor", kNearestModes);
  p.cubic_coeff_a = double{node.float_attribute("cubic_coeff_a", -0.75f)};
  if (!std::isfinite(p.cubic_coeff_a))
    fail(ErrorCode::kInvalidModel, "attribute cubic_coeff_a is {}, but a finite number is expected",
         p.cubic_coeff_a);
  p.exclude_outside = node.int_attribute("exclude_outside", 0) != 0;
  p.antialias = node.int_attribute("antialias", 0) != 0;
  p.extrapolation_value = double{node.float_attribute("extrapolation_value", 0.0f)};
  return p;
}

bool ResizeAxis::is_identity() const {
  if (in_size != out_size || !outside.empty()) return false;
  for (int64_t i = 0; i < out_size; ++i)
    for (int64_t tap = 0; tap < taps; ++tap) {
      const size_t place = static_cast<size_t>(i * taps + tap);
      if (weights[place] != (indices[place] == i ? 1.0f : 0.0f) && weights[place] != 0.0f) return false;
    }
  return true;
}

Interval ResizeAxis::needed(Interval outputs) const {
  if (outputs.size() <= 0) return {0, 0};
  int64_t first = in_size, last = 0;
  for (int64_t place = outputs.begin * taps; place < outputs.end * taps; ++place) {
    first = std::min(first, indices[static_cast<size_t>(place)]);
    last = std::max(last, indices[static_cast<size_t>(place)]);
  }
  return {first, last + 1};
}

ResizeAxis plan_resize_axis(const ResizeParameters& parameters, int64_t in_size, int64_t out_size,
                            double scale, double roi_begin, double roi_end) {
  const Interpolation kernel(parameters, scale);
  ResizeAxis axis;
  axis.in_size = in_size;
  axis.out_size = out_size;
  axis.taps = parameters.mode == ResizeMode::kNearest ? 1 : kernel.taps();
  axis.indices.resize(static_cast<size_t>(out_size * axis.taps));
  axis.weights.resize(axis.indices.size(), 1.0f);
  const bool crops = parameters.transformation == CoordinateTransformation::kTfCropAndResize;
  if (crops) axis.outside.resize(static_cast<size_t>(out_size), false);
  const double last = static_cast<double>(in_size - 1);
  for (int64_t i = 0; i < out_size; ++i) {
    const size_t output = static_cast<size_t>(i);
    const double x =
        input_coordinate(parameters.transformation, static_cast<double>(i), static_cast<double>(in_size),
                         static_cast<double>(out_size), scale, roi_begin, roi_end);
    if (crops && (x < 0 || x > last)) axis.outside[output] = true;
    if (parameters.mode == ResizeMode::kNearest) {
      axis.indices[output] =
          static_cast<int64_t>(std::clamp(nearest_index(parameters.nearest_mode, x), 0.0, last));
    } else {
      interpolate(parameters, kernel, x, output, axis);
    }
  }
  return axis;
}

}  // namespace slipway::ops
