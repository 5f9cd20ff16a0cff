// GridSample: reads an image, volume or anything of more axes at given positions, as spatial transformer
// networks do (Jaderberg et al., 2015). Cubic weights after Keys, "Cubic Convolution Interpolation for
// Digital Image Processing", 1981, with a = -0.75.
#include <cmath>
#include <complex>
#include <cstring>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/sampling.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

enum class Mode : uint8_t { kNearest, kLinear, kCubic };
enum class Padding : uint8_t { kZeros, kBorder, kReflection };

struct Settings {
  Mode mode;
  Padding padding;
  bool align_corners;
};

Settings settings_of(const Node& node) {
  const std::string mode = node.string_attribute("mode", "linear");
  const std::string padding = node.string_attribute("padding_mode", "zeros");
  Settings settings{Mode::kLinear, Padding::kZeros, node.int_attribute("align_corners", 0) != 0};
  if (mode == "nearest")
    settings.mode = Mode::kNearest;
  else if (mode == "cubic")
    settings.mode = Mode::kCubic;
  else if (mode != "linear")
    fail(ErrorCode::kInvalidModel, "attribute mode is '{}', but nearest, linear or cubic was expected", mode);
  if (padding == "border")
    settings.padding = Padding::kBorder;
  else if (padding == "reflection")
    settings.padding = Padding::kReflection;
  else if (padding != "zeros")
    fail(ErrorCode::kInvalidModel,
         "attribute padding_mode is '{}', but zeros, border or reflection was expected", padding);
  return settings;
}

// [N, C, …] and [N, out…, axes] make [N, C, out…].
Shape output_shape(const Shape& input, const Shape& grid) {
  if (input.size() < 3 || grid.size() != input.size())
    fail(ErrorCode::kInvalidModel, "the input is {} and the grid {}: both must have one rank, at least 3",
         to_string(input), to_string(grid));
  const Dim axes(static_cast<int64_t>(input.size()) - 2);
  if (grid.back().is_known() && grid.back() != axes)
    fail(ErrorCode::kInvalidModel,
         "the grid's positions have {} coordinates, but the input {} has {} spatial axes",
         grid.back().value(), to_string(input), axes.value());
  if (input[0].is_known() && grid[0].is_known() && input[0] != grid[0])
    fail(ErrorCode::kInvalidModel, "the input has {} images, but the grid is for {}", input[0].value(),
         grid[0].value());
  Shape out{input[0].is_known() ? input[0] : grid[0], input[1]};
  out.insert(out.end(), grid.begin() + 1, grid.end() - 1);
  return out;
}

void infer(InferenceContext& context) {
  settings_of(context.node());
  const auto &input = context.input_shape(0), &grid = context.input_shape(1);
  std::optional<Shape> out;
  if (input && grid) out = output_shape(*input, *grid);
  context.set_output_type(0, Type::tensor(context.input_element_type(0), std::move(out)));
}

// One axis of the input.
class Axis {
 public:
  Axis(int64_t size, const Settings& settings)
      : size_(size),
        settings_(settings),
        begin_(settings.align_corners ? 0 : -0.5),
        end_(static_cast<double>(size) - (settings.align_corners ? 1 : 0.5)) {}

  // What to read for a coordinate of the grid, where -1 and 1 are the two ends.
  Taps taps(double coordinate) const {
    double position = begin_ + (coordinate + 1) / 2 * (end_ - begin_);
    if (settings_.mode == Mode::kNearest) position = std::nearbyint(position);
    // Cubic weights are those of the place itself, also beyond the border: only what is read is brought
    // inside.
    if (settings_.mode != Mode::kCubic) position = brought_inside(position);
    if (!std::isfinite(position)) return {};
    const double low = std::floor(position), share = position - low;
    if (settings_.mode == Mode::kNearest) return {{place(position), 1}};
    if (settings_.mode == Mode::kLinear) return {{place(low), 1 - share}, {place(low + 1), share}};
    return {{place(low - 1), far_weight(1 + share)},
            {place(low), near_weight(share)},
            {place(low + 1), near_weight(1 - share)},
            {place(low + 2), far_weight(2 - share)}};
  }

 private:
  double brought_inside(double position) const {
    if (position >= begin_ && position <= end_) return position;
    if (settings_.padding == Padding::kBorder) return std::fmax(0, std::fmin(last(), position));
    if (settings_.padding == Padding::kReflection) return reflected(position);
    return position;
  }

  // Thrown back at the borders as often as it takes.
  double reflected(double position) const {
    const double span = end_ - begin_;
    if (!(span > 0) || !std::isfinite(position)) return 0;
    const double way = std::fmod(std::abs(position - begin_), 2 * span);
    return begin_ + (way > span ? 2 * span - way : way);
  }

  int64_t place(double index) const {
    const double inside = brought_inside(index);
    if (settings_.padding == Padding::kZeros) return inside >= 0 && inside <= last() ? to_int(inside) : -1;
    return to_int(std::fmax(0, std::fmin(last(), inside)));
  }

  double last() const { return static_cast<double>(size_ - 1); }
  static int64_t to_int(double value) { return static_cast<int64_t>(value); }
  static double near_weight(double x) { return (1.25 * x - 2.25) * x * x + 1; }
  static double far_weight(double x) { return -0.75 * (((x - 5) * x + 8) * x - 4); }

  int64_t size_;
  Settings settings_;
  double begin_, end_;
};

// Calls visit(image, taps of each axis, place in the output's plane) for all positions.
template <typename Visit>
void visit_positions(const Tensor& input, const Tensor& grid, const Settings& settings, Visit visit) {
  const size_t count = input.rank() - 2;
  std::vector<Axis> axes;
  for (size_t axis = 0; axis < count; ++axis) axes.emplace_back(input.dim(axis + 2), settings);
  const Tensor coordinates = cast_elements(grid, DataType::kDouble);
  const double* next = coordinates.data<double>().data();
  int64_t positions = 1;
  for (size_t axis = 0; axis < count; ++axis) positions *= grid.dim(axis + 1);
  std::vector<Taps> taps(count);
  for (int64_t image = 0; image < grid.dim(0); ++image)
    for (int64_t place = 0; place < positions; ++place)
      // The grid names the innermost axis first.
      for (size_t axis = count; axis-- > 0;) {
        taps[axis] = axes[axis].taps(*next++);
        if (axis == 0) visit(image, taps, place);
      }
}

// output = the sampled input, both of `Element`.
template <typename Element>
void interpolate(const Tensor& input, const Tensor& grid, const Settings& settings, Tensor& output) {
  const std::span<const int64_t> plane_dims(input.dims().begin() + 2, input.dims().end());
  const int64_t area = element_count(Dims(plane_dims.begin(), plane_dims.end())), channels = input.dim(1);
  const int64_t out_area = output.count() / (output.dim(0) * output.dim(1));
  const Element* in = input.data<Element>().data();
  Element* out = output.data<Element>().data();
  visit_positions(input, grid, settings, [&](int64_t image, const std::vector<Taps>& taps, int64_t place) {
    for (int64_t plane = image * channels; plane < (image + 1) * channels; ++plane)
      out[plane * out_area + place] = sample(in + plane * area, plane_dims, taps);
  });
}

void compute_nearest(const Tensor& input, const Tensor& grid, const Settings& settings, Tensor& output) {
  const int64_t planes = input.dim(0) * input.dim(1);
  const int64_t area = input.count() / planes, out_area = output.count() / planes;
  if (output.type() != DataType::kString) std::memset(output.raw(), 0, output.bytes());
  const ElementMover mover(input, output);
  visit_positions(input, grid, settings, [&](int64_t image, const std::vector<Taps>& taps, int64_t place) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < taps.size(); ++axis) {
      if (taps[axis].empty() || taps[axis][0].place < 0) return;
      offset = offset * input.dim(axis + 2) + taps[axis][0].place;
    }
    for (int64_t plane = image * input.dim(1); plane < (image + 1) * input.dim(1); ++plane)
      mover.move(plane * area + offset, plane * out_area + place);
  });
}

void compute_complex(const Tensor& input, const Tensor& grid, const Settings& settings, Tensor& output) {
  if (input.type() == DataType::kComplex128)
    return interpolate<std::complex<double>>(input, grid, settings, output);
  Tensor wide(DataType::kComplex128, input.dims()), sampled(DataType::kComplex128, output.dims());
  const auto narrow = input.data<std::complex<float>>();
  std::copy(narrow.begin(), narrow.end(), wide.data<std::complex<double>>().begin());
  interpolate<std::complex<double>>(wide, grid, settings, sampled);
  const auto result = std::as_const(sampled).data<std::complex<double>>();
  std::transform(result.begin(), result.end(), output.data<std::complex<float>>().begin(),
                 [](std::complex<double> value) { return std::complex<float>(value); });
}

void compute(KernelContext& context) {
  const Settings settings = settings_of(context.node());
  const Tensor &input = context.input(0), &grid = context.input(1);
  Tensor& output =
      context.make_output(0, input.type(), known_dims(output_shape(shape_of(input), shape_of(grid))));
  if (output.empty()) return;
  if (input.empty())
    fail(ErrorCode::kInvalidArgument, "there is nothing to read in an input of shape {}",
         to_string(input.dims()));
  if (settings.mode == Mode::kNearest) return compute_nearest(input, grid, settings, output);
  if (input.type() == DataType::kComplex64 || input.type() == DataType::kComplex128)
    return compute_complex(input, grid, settings, output);
  if (input.type() == DataType::kString)
    fail(ErrorCode::kUnsupported, "there is nothing between two strings: mode nearest alone can read them");
  Tensor sampled(DataType::kDouble, output.dims());
  interpolate<double>(cast_elements(input, DataType::kDouble), grid, settings, sampled);
  cast_elements(sampled, output);
}

}  // namespace

void register_grid_sample(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "GridSample",
                .since_version = 22,
                .inputs = {{"X", "T1"}, {"grid", "T2"}},
                .outputs = {{"Y", "T1"}},
                .attributes = {{"align_corners", Kind::kInt},
                               {"mode", Kind::kString},
                               {"padding_mode", Kind::kString}},
                .type_constraints = {{"T1", kMovable}, {"T2", kFloats}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
