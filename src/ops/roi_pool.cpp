// MaxRoiPool (Girshick, "Fast R-CNN", 2015) and RoiAlign (He et al., "Mask R-CNN", 2017): regions of a
// feature map, each brought to the same small size.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/roi_align.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

// Far more than anybody samples or pools to; keeps loops finite.
constexpr int64_t kMostSamples = 4096;

// Along one axis of a region, where each is a coordinate to calculate.
constexpr int64_t kMostSamplesOfRegion = int64_t{1} << 16;

int64_t bounded(int64_t value, const char* what, int64_t least) {
  if (value < least || value > kMostSamples)
    fail(ErrorCode::kInvalidModel, "attribute {} is {}, but it must lie between {} and {}", what, value,
         least, kMostSamples);
  return value;
}

void check_input(const Shape& input) {
  if (input.size() != 4)
    fail(ErrorCode::kInvalidModel, "the input is {}, but [N, C, H, W] is expected", to_string(input));
}

void check_boxes(const Shape& boxes, int64_t columns) {
  if (boxes.size() != 2 || (boxes[1].is_known() && boxes[1].value() != columns))
    fail(ErrorCode::kInvalidModel, "the regions are {}, but [count, {}] is expected", to_string(boxes),
         columns);
}

}  // namespace

RoiAlignSettings roi_align_settings(const Node& node) {
  const std::string mode = node.string_attribute("mode", "avg");
  const std::string coordinates = node.string_attribute("coordinate_transformation_mode", "half_pixel");
  if (mode != "avg" && mode != "max")
    fail(ErrorCode::kInvalidModel, "attribute mode is '{}', but avg or max was expected", mode);
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
    fail(ErrorCode::kInvalidModel,
         "attribute coordinate_transformation_mode is '{}', but half_pixel or output_half_pixel was expected",
         coordinates);
  const int64_t height = bounded(node.int_attribute("output_height", 1), "output_height", 1),
                width = bounded(node.int_attribute("output_width", 1), "output_width", 1),
                ratio = bounded(node.int_attribute("sampling_ratio", 0), "sampling_ratio", 0);
  if (std::max(height, width) * ratio > kMostSamplesOfRegion)
    fail(ErrorCode::kInvalidModel,
         "{}x{} bins of sampling_ratio {} were asked for, but at most {} samples along an axis are taken",
         height, width, ratio, kMostSamplesOfRegion);
  return {height,
          width,
          ratio,
          static_cast<double>(node.float_attribute("spatial_scale", 1)),
          coordinates == "half_pixel",
          mode == "avg"};
}

int64_t roi_image(double index, int64_t images) {
  if (!(index >= 0 && index < static_cast<double>(images)))
    fail(ErrorCode::kInvalidArgument, "a region lies in image {}, but there are {}", index, images);
  return static_cast<int64_t>(index);
}

void check_roi(std::span<const double> corners, double scale) {
  for (const double corner : corners)
    if (!(std::abs(corner * scale) <= static_cast<double>(kLargestWindow)))
      fail(ErrorCode::kInvalidArgument,
           "a region has the coordinate {}, which lies outside of any feature map", corner * scale);
}

namespace {

struct Pooled {
  int64_t height;
  int64_t width;
};

void infer_regions(InferenceContext& context, int64_t columns, Pooled size) {
  const DataType type = context.input_element_type(0);
  const auto &input = context.input_shape(0), &boxes = context.input_shape(1);
  if (input) check_input(*input);
  if (boxes) check_boxes(*boxes, columns);
  context.set_output_type(0, Type::tensor(type, Shape{boxes ? (*boxes)[0] : Dim(),
                                                      input ? (*input)[1] : Dim(), size.height, size.width}));
}

// ---- MaxRoiPool ----

Pooled pooled_shape(const Node& node) {
  const auto shape = node.ints_attribute("pooled_shape", {});
  if (shape.size() != 2)
    fail(ErrorCode::kInvalidModel, "attribute pooled_shape has {} entries, but 2 are expected", shape.size());
  return {bounded(shape[0], "pooled_shape", 1), bounded(shape[1], "pooled_shape", 1)};
}

struct Range {
  int64_t begin;
  int64_t end;
};

// The elements of bin `bin` of `bins` between two coordinates of the region, both of which belong to it.
Range bin_range(double first, double last, int64_t bin, int64_t bins, int64_t size) {
  const double start = std::round(first);
  const double step = std::max(std::round(last) - start + 1, 1.0) / static_cast<double>(bins);
  const auto inside = [&](double place) {
    return static_cast<int64_t>(std::clamp(place + start, 0.0, static_cast<double>(size)));
  };
  return {inside(std::floor(static_cast<double>(bin) * step)),
          inside(std::ceil(static_cast<double>(bin + 1) * step))};
}

double largest(const double* plane, int64_t width, Range rows, Range columns) {
  if (rows.begin >= rows.end || columns.begin >= columns.end) return 0;
  WorkScope::spend(static_cast<double>(rows.end - rows.begin) *
                   static_cast<double>(columns.end - columns.begin));
  double result = plane[rows.begin * width + columns.begin];
  for (int64_t y = rows.begin; y < rows.end; ++y)
    for (int64_t x = columns.begin; x < columns.end; ++x) result = std::max(result, plane[y * width + x]);
  return result;
}

void compute_max_roi_pool(KernelContext& context) {
  const Tensor input = exact_input(context, 0), boxes = exact_input(context, 1);
  check_input(shape_of(input));
  check_boxes(shape_of(boxes), 5);
  const Pooled size = pooled_shape(context.node());
  const auto scale = static_cast<double>(context.node().float_attribute("spatial_scale", 1));
  const int64_t channels = input.dim(1), height = input.dim(2), width = input.dim(3);
  Tensor result(DataType::kDouble, {boxes.dim(0), channels, size.height, size.width});
  double* to = result.data<double>().data();
  for (int64_t region = 0; region < boxes.dim(0); ++region) {
    const auto box = boxes.data<double>().subspan(static_cast<size_t>(region * 5), 5);
    check_roi(box.subspan(1), scale);
    const double* plane =
        input.data<double>().data() + roi_image(box[0], input.dim(0)) * channels * height * width;
    for (int64_t channel = 0; channel < channels; ++channel, plane += height * width)
      for (int64_t y = 0; y < size.height; ++y)
        for (int64_t x = 0; x < size.width; ++x)
          *to++ = largest(plane, width, bin_range(box[2] * scale, box[4] * scale, y, size.height, height),
                          bin_range(box[1] * scale, box[3] * scale, x, size.width, width));
  }
  round_to_output(context, 0, context.input(0).type(), result);
}

void infer_max_roi_pool(InferenceContext& context) {
  infer_regions(context, 5, pooled_shape(context.node()));
}

// ---- RoiAlign ----

// The samples of one bin along one axis.
struct BinSamples {
  double count = 0;
  int64_t inside = 0;              // of them, where the maximum is looked for
  CountedVector<RoiSample> reads;  // sums or extremes of those inside
};

void spend_reads(const BinSamples& rows, const BinSamples& columns) {
  WorkScope::spend(static_cast<double>(rows.reads.size()) * static_cast<double>(columns.reads.size()));
}

double average(const double* plane, int64_t width, const BinSamples& rows, const BinSamples& columns) {
  spend_reads(rows, columns);
  double sum = 0;
  for (const RoiSample& y : rows.reads)
    for (const RoiSample& x : columns.reads)
      sum +=
          y.low_weight *
              (x.low_weight * plane[y.low * width + x.low] + x.high_weight * plane[y.low * width + x.high]) +
          y.high_weight *
              (x.low_weight * plane[y.high * width + x.low] + x.high_weight * plane[y.high * width + x.high]);
  return sum / std::max(rows.count * columns.count, 1.0);
}

// As the standard's evaluator has it: the largest of the weighted neighbours, not of their sums.
double maximum(const double* plane, int64_t width, const BinSamples& rows, const BinSamples& columns) {
  if (!(rows.count > 0 && columns.count > 0)) return 0;
  spend_reads(rows, columns);
  const double inside = static_cast<double>(rows.inside) * static_cast<double>(columns.inside);
  double result = inside < rows.count * columns.count ? 0 : -std::numeric_limits<double>::infinity();
  for (const RoiSample& y : rows.reads)
    for (const RoiSample& x : columns.reads)
      result = std::max({result, y.low_weight * x.low_weight * plane[y.low * width + x.low],
                         y.low_weight * x.high_weight * plane[y.low * width + x.high],
                         y.high_weight * x.low_weight * plane[y.high * width + x.low],
                         y.high_weight * x.high_weight * plane[y.high * width + x.high]});
  return result;
}

CountedVector<BinSamples> samples_along(double first, double last, const RoiAlignSettings& settings,
                                        int64_t bins, int64_t size) {
  CountedVector<BinSamples> samples(static_cast<size_t>(bins));
  for (int64_t i = 0; i < bins; ++i) {
    const RoiBin bin(first, last, settings, i, bins, size);
    WorkScope::spend(bin.count());
    BinSamples& of_bin = samples[static_cast<size_t>(i)];
    of_bin.count = bin.count();
    const auto keep = [&](const RoiSample& sample) { of_bin.reads.push_back(sample); };
    if (settings.average) {
      bin.visit_sums(keep);
    } else {
      of_bin.inside = bin.visit_extremes(keep);
    }
  }
  return samples;
}

void compute_roi_align(KernelContext& context) {
  const RoiAlignSettings settings = roi_align_settings(context.node());
  const Tensor input = exact_input(context, 0), boxes = exact_input(context, 1);
  const Tensor& images = context.input(2);
  check_input(shape_of(input));
  check_boxes(shape_of(boxes), 4);
  if (images.dims() != Dims{boxes.dim(0)})
    fail(ErrorCode::kInvalidModel, "batch_indices has shape {}, but there are {} regions",
         to_string(images.dims()), boxes.dim(0));
  const int64_t channels = input.dim(1), height = input.dim(2), width = input.dim(3);
  Tensor result(DataType::kDouble, {boxes.dim(0), channels, settings.height, settings.width});
  double* to = result.data<double>().data();
  for (int64_t region = 0; region < boxes.dim(0) && channels > 0; ++region) {
    const auto box = boxes.data<double>().subspan(static_cast<size_t>(region * 4), 4);
    check_roi(box, settings.scale);
    const auto rows = samples_along(box[1], box[3], settings, settings.height, height);
    const auto columns = samples_along(box[0], box[2], settings, settings.width, width);
    const auto image = static_cast<double>(images.data<int64_t>()[static_cast<size_t>(region)]);
    const double* plane =
        input.data<double>().data() + roi_image(image, input.dim(0)) * channels * height * width;
    for (int64_t channel = 0; channel < channels; ++channel, plane += height * width)
      for (const BinSamples& row : rows)
        for (const BinSamples& column : columns)
          *to++ = settings.average ? average(plane, width, row, column) : maximum(plane, width, row, column);
  }
  round_to_output(context, 0, context.input(0).type(), result);
}

void infer_roi_align(InferenceContext& context) {
  const RoiAlignSettings settings = roi_align_settings(context.node());
  infer_regions(context, 4, {settings.height, settings.width});
}

}  // namespace

void register_roi_pool(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "MaxRoiPool",
                .since_version = 22,
                .inputs = {{"X", "T"}, {"rois", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"pooled_shape", Kind::kInts, true}, {"spatial_scale", Kind::kFloat}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_max_roi_pool,
                .compute = compute_max_roi_pool});
  registry.add({.name = "RoiAlign",
                .since_version = 22,
                .inputs = {{"X", "T1"}, {"rois", "T1"}, {"batch_indices", "T2"}},
                .outputs = {{"Y", "T1"}},
                .attributes = {{"coordinate_transformation_mode", Kind::kString},
                               {"mode", Kind::kString},
                               {"output_height", Kind::kInt},
                               {"output_width", Kind::kInt},
                               {"sampling_ratio", Kind::kInt},
                               {"spatial_scale", Kind::kFloat}},
                .type_constraints = {{"T1", kFloats}, {"T2", {DataType::kInt64}}},
                .infer = infer_roi_align,
                .compute = compute_roi_align});
}

}  // namespace slipway::ops
