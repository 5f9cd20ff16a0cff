// upsample_*: other sizes by interpolation. One Resize each; along axes where its rounding would choose other
// neighbours than PyTorch's, Gather takes its place.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

enum class Mode : uint8_t { kNearest, kNearestExact, kLinear, kCubic };

// Axes longer than this are not compared element by element.
constexpr int64_t kLongestComparison = 1 << 20;

struct Resampling {
  Mode mode;
  bool antialias, align_corners;
  const char* argument;  // that is resized: "self", or "input" in the overloads called vec
  Shape in, out;         // of the axes that are resized
  // Told by the user, for the axes where he told one: it counts, not the quotient of the sizes.
  std::vector<std::optional<double>> factors;

  size_t axes() const { return in.size(); }
};

std::vector<std::optional<double>> factors_of(const Conversion& c, size_t axes) {
  std::vector<std::optional<double>> factors(axes);
  if (c.has("scale_factors")) {
    const auto given = c.numbers("scale_factors");
    if (given.size() != axes)
      c.refuse(fmt::format("scale_factors has {} numbers for {} axes", given.size(), axes));
    std::copy(given.begin(), given.end(), factors.begin());
  }
  const char* names[] = {"scales_d", "scales_h", "scales_w"};
  for (size_t i = 0; i < axes; ++i)
    if (const char* name = axes == 1 ? "scales" : names[3 - axes + i]; c.has(name))
      factors[i] = c.number(name);
  for (auto& factor : factors)
    if (factor && !(*factor > 0)) factor.reset();
  return factors;
}

Resampling read(const Conversion& c, Mode mode, size_t axes, bool antialias) {
  Resampling r{.mode = mode,
               .antialias = antialias,
               .align_corners = c.truth("align_corners", false),
               .argument = c.has("input") ? "input" : "self",
               .in = {},
               .out = {},
               .factors = factors_of(c, axes)};
  const Shape &in = c.meta(r.argument).sizes, &out = c.result_meta().sizes;
  if (in.size() != axes + 2 || out.size() != axes + 2)
    c.refuse(fmt::format("its input is {}, but {} axes are expected", to_string(in), axes + 2));
  r.in.assign(in.begin() + 2, in.end());
  r.out.assign(out.begin() + 2, out.end());
  return r;
}

std::optional<double> quotient(const Dim& out, const Dim& in) {
  if (out.is_known() && in.is_known()) {
    if (in.value() == 0) return {};
    return static_cast<double>(out.value()) / static_cast<double>(in.value());
  }
  for (int64_t factor = 1; factor <= 16; ++factor)
    if (out == in * Dim(factor)) return static_cast<double>(factor);
  return {};
}

// The scale as ONNX has it, f32, with which `in` becomes `out`; nothing when there is none.
std::optional<float> exact_scale(double factor, const Dim& in, const Dim& out) {
  auto scale = static_cast<float>(factor);
  // 0.7 is a little less as f32, and 10 times it would be 6.
  if (double{scale} < factor) scale = std::nextafter(scale, INFINITY);
  if (!in.is_known() || !out.is_known()) return scale;
  const auto size = static_cast<float>(in.value()) * scale;
  const double exact = static_cast<double>(in.value()) * double{scale};
  const auto wanted = static_cast<double>(out.value());
  if (std::floor(exact) != wanted || std::floor(double{size}) != wanted) return {};
  return scale;
}

// A scale for each axis; nothing when the sizes must be told.
std::optional<std::vector<float>> scales_of(const Resampling& r) {
  std::vector<float> scales;
  for (size_t i = 0; i < r.axes(); ++i) {
    const auto ratio = quotient(r.out[i], r.in[i]);
    // Factors that are whole, or one through a power of two, say the same as the sizes.
    const bool plain =
        ratio && (*ratio == std::floor(*ratio) || std::log2(*ratio) == std::floor(std::log2(*ratio)));
    // Aligned corners are those of the size as the scale gives it, which is no whole number then.
    std::optional<double> factor = r.align_corners ? std::nullopt : r.factors[i];
    if (!factor && plain) factor = ratio;
    const auto scale = factor ? exact_scale(*factor, r.in[i], r.out[i]) : std::nullopt;
    if (!scale) return {};
    scales.push_back(*scale);
  }
  return scales;
}

bool changes_nothing(const Resampling& r) {
  for (size_t i = 0; i < r.axes(); ++i)
    if (r.in[i] != r.out[i] || (!r.align_corners && r.factors[i].value_or(1) != 1)) return false;
  return true;
}

Attributes attributes_of(const Resampling& r) {
  Attributes attributes;
  if (r.antialias) attributes.emplace_back("antialias", 1);
  if (r.align_corners) attributes.emplace_back("coordinate_transformation_mode", "align_corners");
  if (r.mode == Mode::kNearest) {
    attributes.emplace_back("coordinate_transformation_mode", "asymmetric");
    attributes.emplace_back("nearest_mode", "floor");
  }
  if (r.mode == Mode::kNearestExact) attributes.emplace_back("nearest_mode", "round_prefer_ceil");
  if (r.mode == Mode::kLinear) attributes.emplace_back("mode", "linear");
  if (r.mode == Mode::kCubic) {
    attributes.emplace_back("mode", "cubic");
    // With antialiasing PyTorch has Pillow's curve; ONNX's default is the other one.
    if (r.antialias) attributes.emplace_back("cubic_coeff_a", -0.5);
  }
  if (r.antialias) attributes.emplace_back("exclude_outside", 1);
  return attributes;
}

// --- nearest neighbours ---

int64_t clamped(double place, int64_t size) {
  if (!(place > 0)) return 0;
  return place >= static_cast<double>(size) ? size - 1 : static_cast<int64_t>(place);
}

// The neighbours along an axis, by PyTorch's arithmetic.
std::vector<int64_t> neighbours(const Resampling& r, size_t axis) {
  const int64_t in = r.in[axis].value(), out = r.out[axis].value();
  const float step = r.factors[axis] ? static_cast<float>(1.0 / *r.factors[axis])
                                     : static_cast<float>(in) / static_cast<float>(out);
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < out; ++i) {
    const auto at = static_cast<float>(i);
    const float place = r.mode == Mode::kNearest ? at * step : (at + 0.5F) * step;
    chosen.push_back(clamped(std::floor(double{place}), in));
  }
  return chosen;
}

// What Resize chooses when it computes in T.
template <typename T>
bool chooses(const Resampling& r, size_t axis, T scale, const std::vector<int64_t>& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto at = static_cast<T>(i);
    const T place = r.mode == Mode::kNearest ? std::floor(at / scale)
                                             : std::floor((at + T(0.5)) / scale - T(0.5) + T(0.5));
    if (clamped(double{place}, r.in[axis].value()) != wanted[i]) return false;
  }
  return true;
}

// Indices for the axes along which Resize may choose other neighbours than PyTorch; empty ones elsewhere.
std::vector<std::vector<int64_t>> disputed(const Resampling& r,
                                           const std::optional<std::vector<float>>& scales) {
  std::vector<std::vector<int64_t>> lists(r.axes());
  for (size_t i = 0; i < r.axes(); ++i) {
    if (!r.in[i].is_known() || !r.out[i].is_known() || r.out[i].value() > kLongestComparison ||
        r.in[i].value() < 1)
      continue;
    auto wanted = neighbours(r, i);
    const double exact = scales ? double{(*scales)[i]} : *quotient(r.out[i], r.in[i]);
    if (!chooses(r, i, exact, wanted) || !chooses(r, i, static_cast<float>(exact), wanted))
      lists[i] = std::move(wanted);
  }
  return lists;
}

// --- nodes ---

Value* by_scales(Conversion& c, const Resampling& r, Value* input, const std::vector<float>& scales) {
  std::vector<float> all = {1, 1};
  all.insert(all.end(), scales.begin(), scales.end());
  Value* numbers = c.constant(Tensor::from<float>({static_cast<int64_t>(all.size())}, all));
  return c.emit("Resize", {input, nullptr, numbers}, attributes_of(r));
}

// The sizes as numbers, as the program computes them, or, for factors of sizes that are open,
// floor(in·factor).
Value* sizes_of(Conversion& c, const Resampling& r, Value* input) {
  if (all_known(r.out)) return c.ints(known_dims(r.out));
  if (c.has("output_size")) return c.sizes("output_size");
  std::vector<double> factors;
  for (const auto& factor : r.factors) factors.push_back(factor.value_or(1));
  Value* numbers = c.constant(Tensor::from<double>({static_cast<int64_t>(factors.size())}, factors));
  Value* in = c.emit("Cast", {c.emit("Shape", {input}, {{"start", 2}})}, {{"to", DataType::kDouble}});
  return c.emit("Cast", {c.emit("Floor", {c.emit("Mul", {in, numbers})})}, {{"to", DataType::kInt64}});
}

Value* by_sizes(Conversion& c, const Resampling& r, Value* input) {
  for (size_t i = 0; i < r.axes(); ++i) {
    const auto ratio = quotient(r.out[i], r.in[i]);
    if (!r.align_corners && r.factors[i] && !(ratio && std::fabs(*ratio / *r.factors[i] - 1) < 1e-6))
      c.refuse(fmt::format("its factor {} does not lead from the size {} to {}", *r.factors[i],
                           r.in[i].to_string(), r.out[i].to_string()));
  }
  Attributes attributes = attributes_of(r);
  std::vector<int64_t> axes;
  for (size_t i = 0; i < r.axes(); ++i) axes.push_back(static_cast<int64_t>(i) + 2);
  attributes.emplace_back("axes", axes);
  return c.emit("Resize", {input, nullptr, nullptr, sizes_of(c, r, input)}, attributes);
}

// The same places computed when the model runs, for a factor that f32 does not have exactly: Resize divides
// by it, PyTorch multiplies by its inverse, and the two round to different sides.
Value* gather_neighbours(Conversion& c, const Resampling& r, size_t i, Value* input, Value* sizes) {
  const auto real = [&](double value) { return c.scalar(DataType::kFloat, value); };
  Value* count = c.emit("Gather", {sizes, c.scalar(DataType::kInt64, static_cast<int64_t>(i))});
  Value* place = c.emit(
      "Range", {c.scalar(DataType::kInt64, int64_t{0}), count, c.scalar(DataType::kInt64, int64_t{1})});
  place = c.emit("Cast", {place}, {{"to", DataType::kFloat}});
  if (r.mode == Mode::kNearestExact) place = c.emit("Add", {place, real(0.5)});
  place = c.emit("Cast", {c.emit("Mul", {place, real(1.0 / *r.factors[i])})}, {{"to", DataType::kInt64}});
  Value* last = c.emit("Sub", {c.shape({&r.in[i], 1}), c.ints({1})});
  return c.emit("Gather", {input, c.emit("Min", {place, last})}, {{"axis", static_cast<int64_t>(i) + 2}});
}

bool needs_computed_neighbours(const Resampling& r) {
  for (size_t i = 0; i < r.axes(); ++i)
    if (r.factors[i] && !all_known({r.in[i], r.out[i]}) &&
        double{static_cast<float>(*r.factors[i])} != *r.factors[i])
      return true;
  return false;
}

Value* compute_neighbours(Conversion& c, const Resampling& r, Value* input) {
  Value *sizes = sizes_of(c, r, input), *output = input;
  for (size_t i = 0; i < r.axes(); ++i)
    if (r.factors[i]) output = gather_neighbours(c, r, i, output, sizes);
  return output;
}

Value* nearest(Conversion& c, Resampling r, Value* input, std::optional<std::vector<float>> scales) {
  if (needs_computed_neighbours(r)) return compute_neighbours(c, r, input);
  const auto lists = disputed(r, scales);
  for (size_t i = 0; i < r.axes(); ++i) {
    if (lists[i].empty()) continue;
    input = c.emit("Gather", {input, c.ints(lists[i])}, {{"axis", static_cast<int64_t>(i) + 2}});
    r.in[i] = r.out[i];
    r.factors[i].reset();
    if (scales) (*scales)[i] = 1;
  }
  if (changes_nothing(r)) return input;
  return scales ? by_scales(c, r, input, *scales) : by_sizes(c, r, input);
}

void resample(Conversion& c, Mode mode, size_t axes, bool antialias = false) {
  const Resampling r = read(c, mode, axes, antialias);
  Value* input = c.tensor(r.argument);
  if (changes_nothing(r)) return c.result(input);
  const auto scales = scales_of(r);
  if (mode == Mode::kNearest || mode == Mode::kNearestExact) return c.result(nearest(c, r, input, scales));
  c.result(scales ? by_scales(c, r, input, *scales) : by_sizes(c, r, input));
}

size_t spatial_axes(const Conversion& c) {
  const size_t rank = c.result_meta().sizes.size();
  if (rank < 3 || rank > 5) c.refuse(fmt::format("its result is {}", to_string(c.result_meta().sizes)));
  return rank - 2;
}

}  // namespace

// upsample_nearest1d, 2d, 3d
void convert_upsample_nearest(Conversion& c) {
  resample(c, Mode::kNearest, spatial_axes(c));
}

// _upsample_nearest_exact1d, 2d, 3d
void convert_upsample_nearest_exact(Conversion& c) {
  resample(c, Mode::kNearestExact, spatial_axes(c));
}

// upsample_linear1d, upsample_bilinear2d, upsample_trilinear3d
void convert_upsample_linear(Conversion& c) {
  resample(c, Mode::kLinear, spatial_axes(c));
}

void convert_upsample_bicubic(Conversion& c) {
  resample(c, Mode::kCubic, 2);
}

// _upsample_bilinear2d_aa
void convert_upsample_bilinear_antialiased(Conversion& c) {
  resample(c, Mode::kLinear, 2, true);
}

// _upsample_bicubic2d_aa
void convert_upsample_bicubic_antialiased(Conversion& c) {
  resample(c, Mode::kCubic, 2, true);
}

}  // namespace slipway::torch::aten
