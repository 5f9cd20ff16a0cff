// RoiAlign of f32 images. The images are turned so that all channels of a place lie side by side, unless so
// few places are read that it is not worth it; what a bin reads along each axis is found once a region.
#include "ops/roi_align.hpp"

#include <algorithm>
#include <limits>

#include "engine/kernel.hpp"
#include "engine/kernels/scratch_places.hpp"
#include "engine/kernels/weighed_points.hpp"

namespace slipway::engine {
namespace {

// Of an image's axes where the number of samples follows from the size of a bin: a worker may then keep each
// element as a place.
constexpr int64_t kMostSize = int64_t{1} << 18;

class RoiAlign : public Kernel {
 public:
  RoiAlign(const Dims& in, int64_t regions, const ops::RoiAlignSettings& settings)
      : images_(in[0]),
        channels_(in[1]),
        height_(in[2]),
        width_(in[3]),
        regions_(regions),
        settings_(settings),
        turn_(to_channels_last(images_, channels_, height_ * width_)),
        turn_back_(from_channels_last(channels_, bins(), bins())) {
    const int64_t samples = std::max<int64_t>(1, settings.sampling_ratio * settings.sampling_ratio);
    turns_ = regions_ * bins() * samples * 16 > images_ * height_ * width_;
  }

  size_t scratch_bytes(int workers) const override { return turned_bytes() + regions().bytes(workers); }

  void run(const KernelRun& run) const override {
    if (turns_) turn_.run(static_cast<const std::byte*>(run.input(0).raw()), run.scratch, run.pool);
    const ScratchPlaces memory = regions();
    run.pool.parallel_for(memory.pieces, [&](size_t region, int worker) {
      run.cancellation.check();
      make_region(run, static_cast<int64_t>(region),
                  run.scratch + turned_bytes() + memory.offset(region, worker, run.pool.size()));
    });
  }

 private:
  // The samples of one bin along one axis.
  struct Bin {
    double count = 0;    // of samples
    int64_t inside = 0;  // of them, where the maximum is looked for
    int64_t first = 0, places = 0;
  };

  int64_t bins() const { return settings_.height * settings_.width; }
  int64_t padded() const { return padded_channels(channels_); }
  size_t turned_bytes() const {
    return turns_ ? static_cast<size_t>(images_ * height_ * width_ * padded()) * sizeof(float) : 0;
  }
  // Two for each sample that is read, of which no more than two lie between the same neighbours. Where their
  // number follows from the size of a bin, they are more than half an element apart.
  int64_t most_places(int64_t bin_count, int64_t size) const {
    return 2 * (settings_.sampling_ratio > 0 ? bin_count * std::min(settings_.sampling_ratio, 2 * size)
                                             : 2 * (size + 2) + 2 * bin_count);
  }
  int64_t all_places() const {
    return most_places(settings_.height, height_) + most_places(settings_.width, width_);
  }
  ScratchPlaces regions() const {
    const auto of_bin =
        sizeof(WeighedPoint) + sizeof(float) + (turns_ ? static_cast<size_t>(padded()) * sizeof(float) : 0);
    const auto bytes = static_cast<size_t>(all_places()) * sizeof(WeighedPlace) +
                       static_cast<size_t>(settings_.height + settings_.width) * sizeof(Bin) +
                       static_cast<size_t>(bins()) * of_bin;
    return {static_cast<size_t>(regions_), (bytes + 63) / 64 * 64};
  }

  // What each bin reads along one axis, places in steps of `step` floats.
  void find_places(double first, double last, int64_t count, int64_t size, int64_t step, Bin* found,
                   WeighedPlace* places) const {
    int64_t next = 0;
    for (int64_t i = 0; i < count; ++i) {
      const ops::RoiBin bin(first, last, settings_, i, count, size);
      found[i] = {bin.count(), 0, next, 0};
      const auto add = [&](const ops::RoiSample& sample) {
        places[next++] = {sample.low * step, static_cast<float>(sample.low_weight)};
        places[next++] = {sample.high * step, static_cast<float>(sample.high_weight)};
      };
      if (settings_.average) {
        bin.visit_sums(add);
      } else {
        found[i].inside = bin.visit_extremes(add);
      }
      found[i].places = next - found[i].first;
    }
  }

  void make_region(const KernelRun& run, int64_t region, std::byte* memory) const {
    double box[4];
    std::copy_n(run.input_floats(1) + region * 4, 4, box);
    ops::check_roi(box, settings_.scale);
    const auto index = static_cast<double>(run.input(2).data<int64_t>()[static_cast<size_t>(region)]);
    const int64_t image = ops::roi_image(index, images_);
    auto* places = reinterpret_cast<WeighedPlace*>(memory);
    auto* rows = reinterpret_cast<Bin*>(places + all_places());
    Bin* columns = rows + settings_.height;
    auto* points = reinterpret_cast<WeighedPoint*>(columns + settings_.width);
    auto* extra = reinterpret_cast<float*>(points + bins());
    float* sampled = extra + bins();
    WeighedPlace* column_places = places + most_places(settings_.height, height_);
    const int64_t step = turns_ ? padded() : 1;
    find_places(box[1], box[3], settings_.height, height_, width_ * step, rows, places);
    find_places(box[0], box[2], settings_.width, width_, step, columns, column_places);
    for (int64_t y = 0; y < settings_.height; ++y)
      for (int64_t x = 0; x < settings_.width; ++x) {
        const int64_t bin = y * settings_.width + x;
        points[bin] = {places + rows[y].first, rows[y].places, column_places + columns[x].first,
                       columns[x].places};
        extra[bin] = settings_.average ? scale_of(rows[y], columns[x]) : start_of(rows[y], columns[x]);
      }
    const std::span<const WeighedPoint> all(points, static_cast<size_t>(bins()));
    float* out = run.output_floats(0) + region * channels_ * bins();
    const int64_t area = height_ * width_;
    if (!turns_) return read_planes(run.input_floats(0) + image * channels_ * area, all, extra, out);
    const float* from = reinterpret_cast<const float*>(run.scratch) + image * area * padded();
    settings_.average ? sum_points(from, channels_, all, extra, sampled)
                      : largest_of_points(from, channels_, all, extra, sampled);
    turn_back_.run(reinterpret_cast<const std::byte*>(sampled), reinterpret_cast<std::byte*>(out), run.pool);
  }

  void read_planes(const float* plane, std::span<const WeighedPoint> points, const float* extra,
                   float* out) const {
    for (int64_t channel = 0; channel < channels_; ++channel, plane += height_ * width_)
      for (size_t i = 0; i < points.size(); ++i)
        *out++ = settings_.average ? extra[i] * sum_of_point(plane, points[i])
                                   : largest_of_point(plane, points[i], extra[i]);
  }

  static float scale_of(const Bin& row, const Bin& column) {
    return static_cast<float>(1 / std::max(row.count * column.count, 1.0));
  }

  // Samples outside are 0, and so is a bin without samples.
  static float start_of(const Bin& row, const Bin& column) {
    const bool none = !(row.count > 0 && column.count > 0);
    const double inside = static_cast<double>(row.inside) * static_cast<double>(column.inside);
    return none || inside < row.count * column.count ? 0.0f : -std::numeric_limits<float>::infinity();
  }

  int64_t images_, channels_, height_, width_, regions_;
  ops::RoiAlignSettings settings_;
  bool turns_;
  StridedCopy turn_, turn_back_;
};

}  // namespace

std::unique_ptr<Kernel> make_roi_align(const KernelRequest& request) {
  const Dims &in = request.shapes.inputs[0], &boxes = request.shapes.inputs[1];
  if (request.input_types[0] != DataType::kFloat || in.size() != 4 || boxes.size() != 2 || boxes[1] != 4 ||
      request.shapes.inputs[2] != Dims{boxes[0]})
    return nullptr;
  const auto settings = ops::roi_align_settings(request.node());
  if (settings.sampling_ratio == 0 && std::max(in[2], in[3]) > kMostSize) return nullptr;
  return std::make_unique<RoiAlign>(in, boxes[0], settings);
}

}  // namespace slipway::engine
