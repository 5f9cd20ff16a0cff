// GridSample: reads an image, volume or anything of more axes at given positions, as spatial transformer
// networks do (Jaderberg et al., 2015).
#include "ops/grid_sample.hpp"

#include <complex>
#include <cstring>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

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

// Nearest elements are read one by one, however many axes there are.
void check_axes(const GridSettings& settings, size_t rank) {
  if (settings.mode != GridMode::kNearest) check_sampled_axes(rank - 2);
}

void infer(InferenceContext& context) {
  const GridSettings settings = grid_settings(context.node());
  const auto &input = context.input_shape(0), &grid = context.input_shape(1);
  std::optional<Shape> out;
  if (input && grid) {
    out = output_shape(*input, *grid);
    check_axes(settings, input->size());
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(0), std::move(out)));
}

// Calls visit(image, taps of each axis, place in the output's plane) for all positions.
template <typename Visit>
void visit_positions(const Tensor& input, const Tensor& grid, const GridSettings& settings, Visit visit) {
  const size_t count = input.rank() - 2;
  std::vector<GridAxis> axes;
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
        taps[axis].resize(GridAxis::kMostTaps);
        taps[axis].resize(static_cast<size_t>(axes[axis].taps(*next++, taps[axis].data())));
        if (axis == 0) visit(image, taps, place);
      }
}

// output = the sampled input, both of `Element`.
template <typename Element>
void interpolate(const Tensor& input, const Tensor& grid, const GridSettings& settings, Tensor& output) {
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

void compute_nearest(const Tensor& input, const Tensor& grid, const GridSettings& settings, Tensor& output) {
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

void compute_complex(const Tensor& input, const Tensor& grid, const GridSettings& settings, Tensor& output) {
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
  const GridSettings settings = grid_settings(context.node());
  const Tensor &input = context.input(0), &grid = context.input(1);
  Tensor& output =
      context.make_output(0, input.type(), known_dims(output_shape(shape_of(input), shape_of(grid))));
  check_axes(settings, input.rank());
  if (output.empty()) return;
  if (input.empty())
    fail(ErrorCode::kInvalidArgument, "there is nothing to read in an input of shape {}",
         to_string(input.dims()));
  if (settings.mode == GridMode::kNearest) return compute_nearest(input, grid, settings, output);
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
