// GridSample of f32 images, volumes and signals. The image is turned so that all channels of a place lie side
// by side: then whatever a position reads is read in vectors. Where few positions are read, that is not worth
// it, and channels are read one by one.
#include "ops/grid_sample.hpp"

#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/scratch_places.hpp"
#include "engine/kernels/weighed_points.hpp"

namespace slipway::engine {
namespace {

// Positions of one piece of work.
constexpr int64_t kBlock = 64;

class GridSample : public Kernel {
 public:
  GridSample(const Dims& in, const Dims& out, const ops::GridSettings& settings)
      : channels_(in[1]),
        area_(element_count(Dims(in.begin() + 2, in.end()))),
        positions_(element_count(Dims(out.begin() + 2, out.end()))),
        images_(in[0]),
        turn_(to_channels_last(images_, channels_, area_)),
        whole_(from_channels_last(channels_, block(), positions_)),
        rest_(from_channels_last(channels_, std::max<int64_t>(1, positions_ % kBlock), positions_)) {
    int64_t stride = area_;
    for (size_t axis = 2; axis < in.size(); ++axis) {
      axes_.emplace_back(in[axis], settings);
      strides_.push_back(stride /= in[axis]);
    }
    const int64_t taps = settings.mode == ops::GridMode::kNearest  ? 1
                         : settings.mode == ops::GridMode::kLinear ? 2
                                                                   : 4;
    for (size_t axis = 1; axis < axes_.size(); ++axis) most_rows_ *= taps;
    turns_ = channels_ > 1 && positions_ * most_rows_ * taps * 4 > area_;
  }

  size_t scratch_bytes(int workers) const override { return turned_bytes() + blocks().bytes(workers); }

  void run(const KernelRun& run) const override {
    const auto* in = static_cast<const std::byte*>(run.input(0).raw());
    if (turns_) turn_.run(in, run.scratch, run.pool);
    const ScratchPlaces places = blocks();
    run.pool.parallel_for(places.pieces, [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t image = static_cast<int64_t>(piece) / of_image(),
                    first = static_cast<int64_t>(piece) % of_image() * kBlock;
      make_block(run, image, first, std::min(kBlock, positions_ - first),
                 run.scratch + turned_bytes() + places.offset(piece, worker, run.pool.size()));
    });
  }

 private:
  int64_t padded() const { return padded_channels(channels_); }
  size_t turned_bytes() const {
    return turns_ ? static_cast<size_t>(images_ * area_ * padded()) * sizeof(float) : 0;
  }
  int64_t most_places() const { return most_rows_ + ops::GridAxis::kMostTaps; }
  int64_t block() const { return std::min(kBlock, positions_); }
  int64_t of_image() const { return ceil_div(positions_, kBlock); }  // blocks
  ScratchPlaces blocks() const {
    const size_t of_position = sizeof(WeighedPoint) +
                               static_cast<size_t>(most_places()) * sizeof(WeighedPlace) +
                               (turns_ ? static_cast<size_t>(padded()) * sizeof(float) : 0);
    const int64_t bytes = round_up(block() * static_cast<int64_t>(of_position), 64);
    return {static_cast<size_t>(images_ * of_image()), static_cast<size_t>(bytes)};
  }

  // What one position reads, its places in steps of `step` floats.
  WeighedPoint find_point(const float* coordinates, int64_t step, WeighedPlace* places) const {
    WeighedPlace* rows = places;
    WeighedPlace* columns = places + most_rows_;
    int64_t row_count = 1, column_count = 0;
    rows[0] = {0, 1.0f};
    ops::Tap taps[ops::GridAxis::kMostTaps];
    for (size_t axis = 0; axis < axes_.size(); ++axis) {
      // The grid names the innermost axis first.
      const int64_t found = axes_[axis].taps(double{coordinates[axes_.size() - 1 - axis]}, taps);
      const auto* end = std::remove_if(taps, taps + found, [](const ops::Tap& tap) { return tap.place < 0; });
      const int64_t inside = end - taps;
      const auto weighed = [&](int64_t i) {
        return WeighedPlace{taps[i].place * strides_[axis] * step, static_cast<float>(taps[i].weight)};
      };
      if (axis + 1 == axes_.size()) {
        for (int64_t i = 0; i < inside; ++i) columns[column_count++] = weighed(i);
        break;
      }
      // From the last on, so that nothing is overwritten that is still needed.
      for (int64_t row = row_count; row-- > 0;)
        for (int64_t i = inside; i-- > 0;) {
          const WeighedPlace place = weighed(i);
          rows[row * inside + i] = {rows[row].place + place.place, rows[row].weight * place.weight};
        }
      row_count *= inside;
    }
    return {rows, row_count, columns, column_count};
  }

  void make_block(const KernelRun& run, int64_t image, int64_t first, int64_t count,
                  std::byte* memory) const {
    auto* points = reinterpret_cast<WeighedPoint*>(memory);
    auto* places = reinterpret_cast<WeighedPlace*>(points + block());
    auto* sampled = reinterpret_cast<float*>(places + block() * most_places());
    const auto axes = static_cast<int64_t>(axes_.size());
    const float* grid = run.input_floats(1) + (image * positions_ + first) * axes;
    for (int64_t i = 0; i < count; ++i)
      points[i] = find_point(grid + i * axes, turns_ ? padded() : 1, places + i * most_places());
    float* out = run.output_floats(0) + image * channels_ * positions_ + first;
    if (!turns_)
      return read_planes(run.input_floats(0) + image * channels_ * area_,
                         {points, static_cast<size_t>(count)}, out);
    sum_points(reinterpret_cast<const float*>(run.scratch) + image * area_ * padded(), channels_,
               {points, static_cast<size_t>(count)}, nullptr, sampled);
    const StridedCopy& copy = count == block() ? whole_ : rest_;
    copy.run(reinterpret_cast<const std::byte*>(sampled), reinterpret_cast<std::byte*>(out), run.pool);
  }

  void read_planes(const float* in, std::span<const WeighedPoint> points, float* out) const {
    for (int64_t channel = 0; channel < channels_; ++channel, in += area_, out += positions_)
      for (size_t i = 0; i < points.size(); ++i) out[i] = sum_of_point(in, points[i]);
  }

  int64_t channels_, area_, positions_, images_;
  std::vector<ops::GridAxis> axes_;
  Dims strides_;
  int64_t most_rows_ = 1;  // of a position: all combinations along all axes but the last
  bool turns_;
  StridedCopy turn_, whole_, rest_;
};

}  // namespace

std::unique_ptr<Kernel> make_grid_sample(const KernelRequest& request) {
  const Dims &in = request.shapes.inputs[0], &grid = request.shapes.inputs[1];
  if (!request.is_all_float() || in.size() < 3 || in.size() > 5 || grid.size() != in.size() ||
      grid.back() != static_cast<int64_t>(in.size()) - 2 || grid[0] != in[0])
    return nullptr;
  return std::make_unique<GridSample>(in, request.shapes.outputs[0], ops::grid_settings(request.node()));
}

}  // namespace slipway::engine
