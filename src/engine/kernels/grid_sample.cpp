// GridSample of f32 images, volumes and signals. The image is turned so that the channels of a place lie side
// by side: then whatever a position reads is read in vectors. With many channels a thread turns and samples
// some of them by itself, so that no thread reads what another's cache holds. Where few positions are read,
// turning is not worth it, and channels are read one by one.
#include "ops/grid_sample.hpp"

#include <algorithm>

#include "engine/kernel.hpp"
#include "engine/kernels/weighed_points.hpp"

namespace slipway::engine {
namespace {

// Positions of one piece of work.
constexpr int64_t kBlock = 64;
// Channels that a thread turns by itself, and the most memory for what all positions of an image read.
constexpr int64_t kGroup = 16;
constexpr size_t kMostPointBytes = size_t{4} << 20;

// How some channels of an image are turned, and how what was sampled of a block of positions is turned back.
struct Turn {
  Turn(int64_t images, int64_t channels, int64_t padded, int64_t area, int64_t positions)
      : there(to_channels_last(images, channels, area, padded)),
        back(from_channels_last(channels, std::min(kBlock, positions), positions, padded)),
        last_back(from_channels_last(channels, (positions - 1) % kBlock + 1, positions, padded)) {}

  StridedCopy there, back, last_back;  // the last block may be shorter
};

class GridSample : public Kernel {
 public:
  GridSample(const Dims& in, const Dims& out, const ops::GridSettings& settings)
      : channels_(in[1]),
        area_(element_count(Dims(in.begin() + 2, in.end()))),
        positions_(element_count(Dims(out.begin() + 2, out.end()))),
        images_(in[0]),
        all_(images_, channels_, padded(), area_, positions_),
        group_(1, kGroup, kGroup, area_, positions_),
        last_group_(1, (channels_ - 1) % kGroup + 1, kGroup, area_, positions_) {
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

  size_t scratch_bytes(int workers) const override {
    const auto each = static_cast<size_t>(workers);
    return by_groups(workers) ? points_bytes(positions_) + each * group_bytes()
                              : turned_bytes() + each * block_bytes();
  }

  void run(const KernelRun& run) const override {
    if (by_groups(run.pool.size())) return run_by_groups(run);
    if (turns_) all_.there.run(static_cast<const std::byte*>(run.input(0).raw()), run.scratch, run.pool);
    run.pool.parallel_for(static_cast<size_t>(images_ * blocks()), [&](size_t piece, int worker) {
      make_block(run, static_cast<int64_t>(piece) / blocks(), static_cast<int64_t>(piece) % blocks(),
                 run.scratch + turned_bytes() + static_cast<size_t>(worker) * block_bytes());
    });
  }

 private:
  static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }
  int64_t padded() const { return padded_channels(channels_); }
  int64_t blocks() const { return (positions_ + kBlock - 1) / kBlock; }
  int64_t groups() const { return (channels_ + kGroup - 1) / kGroup; }
  int64_t count_of(int64_t block) const { return std::min(kBlock, positions_ - block * kBlock); }
  int64_t most_places() const { return most_rows_ + ops::GridAxis::kMostTaps; }

  // Which way decides no bit of a result.
  bool by_groups(int workers) const {
    return turns_ && groups() > 1 && groups() >= workers && points_bytes(positions_) <= kMostPointBytes;
  }

  size_t turned_bytes() const {
    return turns_ ? static_cast<size_t>(images_ * area_ * padded()) * sizeof(float) : 0;
  }
  size_t points_bytes(int64_t count) const {
    const size_t each = sizeof(WeighedPoint) + static_cast<size_t>(most_places()) * sizeof(WeighedPlace);
    return rounded(static_cast<size_t>(count) * each);
  }
  size_t block_bytes() const {
    return points_bytes(kBlock) + rounded(static_cast<size_t>(kBlock * padded()) * sizeof(float));
  }
  static size_t sampled_bytes() { return static_cast<size_t>(kBlock * kGroup) * sizeof(float); }
  size_t group_bytes() const {
    return sampled_bytes() + rounded(static_cast<size_t>(area_ * kGroup) * sizeof(float));
  }

  // Where the places of `count` points begin that lie in the same memory.
  static WeighedPlace* places_behind(WeighedPoint* points, int64_t count) {
    return reinterpret_cast<WeighedPlace*>(points + count);
  }

  // What `count` positions from `first` on read, in steps of `step` floats.
  void find_points(const KernelRun& run, int64_t image, int64_t first, int64_t count, int64_t step,
                   WeighedPoint* points, WeighedPlace* places) const {
    const auto axes = static_cast<int64_t>(axes_.size());
    const float* grid = run.input_floats(1) + (image * positions_ + first) * axes;
    for (int64_t i = 0; i < count; ++i)
      points[i] = find_point(grid + i * axes, step, places + i * most_places());
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

  // A block of positions for the channels that `turn` turns: sampled, and put in their place of the output.
  void sample_block(const KernelRun& run, const Turn& turn, int64_t channels, const float* image,
                    const WeighedPoint* points, int64_t block, float* sampled, float* out) const {
    sum_points(image, channels, {points, static_cast<size_t>(count_of(block))}, nullptr, sampled);
    const StridedCopy& back = block + 1 == blocks() ? turn.last_back : turn.back;
    back.run(reinterpret_cast<const std::byte*>(sampled), reinterpret_cast<std::byte*>(out + block * kBlock),
             run.pool);
  }

  void make_block(const KernelRun& run, int64_t image, int64_t block, std::byte* memory) const {
    const int64_t count = count_of(block);
    auto* points = reinterpret_cast<WeighedPoint*>(memory);
    find_points(run, image, block * kBlock, count, turns_ ? padded() : 1, points,
                places_behind(points, kBlock));
    float* out = run.output_floats(0) + image * channels_ * positions_;
    if (!turns_)
      return read_planes(run.input_floats(0) + image * channels_ * area_,
                         {points, static_cast<size_t>(count)}, out + block * kBlock);
    sample_block(run, all_, padded(), reinterpret_cast<const float*>(run.scratch) + image * area_ * padded(),
                 points, block, reinterpret_cast<float*>(memory + points_bytes(kBlock)), out);
  }

  // The points of an image first, since all channels read the same.
  void run_by_groups(const KernelRun& run) const {
    auto* points = reinterpret_cast<WeighedPoint*>(run.scratch);
    for (int64_t image = 0; image < images_; ++image) {
      run.pool.parallel_for(static_cast<size_t>(blocks()), [&](size_t piece, int) {
        const int64_t first = static_cast<int64_t>(piece) * kBlock;
        find_points(run, image, first, count_of(static_cast<int64_t>(piece)), kGroup, points + first,
                    places_behind(points, positions_) + first * most_places());
      });
      run.pool.parallel_for(static_cast<size_t>(groups()), [&](size_t piece, int worker) {
        const int64_t group = static_cast<int64_t>(piece), channel = image * channels_ + group * kGroup;
        const Turn& turn = group + 1 == groups() ? last_group_ : group_;
        std::byte* memory =
            run.scratch + points_bytes(positions_) + static_cast<size_t>(worker) * group_bytes();
        auto* turned = reinterpret_cast<float*>(memory + sampled_bytes());
        turn.there.run(reinterpret_cast<const std::byte*>(run.input_floats(0) + channel * area_),
                       reinterpret_cast<std::byte*>(turned), run.pool);
        for (int64_t block = 0; block < blocks(); ++block)
          sample_block(run, turn, kGroup, turned, points + block * kBlock, block,
                       reinterpret_cast<float*>(memory), run.output_floats(0) + channel * positions_);
      });
    }
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
  Turn all_, group_, last_group_;
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
