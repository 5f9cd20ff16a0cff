#include "engine/depth_first.hpp"

#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/gemm_block.hpp"

namespace slipway::engine {
namespace {

// Working memory of a thread: half of the smallest L2 cache of the processors that we meet.
constexpr int64_t kTileFloats = 512 * 1024 / 4;
// What a thread may take: 1 GB. Files can state windows of which even the smallest tile needs more.
constexpr int64_t kMostFloats = int64_t{1} << 28;
constexpr int64_t kWidestTile = 272;
constexpr int64_t kTallestTile = 16;
// Rows that begin a multiple of 4 KB apart would share one set of the L1 cache.
constexpr int64_t kRowSkew = 16;

Interval clip(Interval interval, int64_t size) {
  const int64_t begin = std::clamp<int64_t>(interval.begin, 0, size);
  return {begin, std::max(begin, std::min(interval.end, size))};
}

// Of a stage's input, whose size a file may make overflow; then it is just more than kMostFloats.
int64_t buffer_floats(int64_t channels, int64_t rows, int64_t row_stride) {
  const double floats =
      static_cast<double>(channels) * static_cast<double>(rows) * static_cast<double>(row_stride);
  if (floats > static_cast<double>(kMostFloats)) return kMostFloats + 1;
  return round_up(channels * rows * row_stride + kLanePadding, 16);
}

// Memory of one stage's input: all channels of some rows and columns.
struct StageBuffer {
  int64_t rows = 0;  // capacity
  int64_t row_stride = 0;
  int64_t floats = 0;
};

// How far a chain is cut up: tiles of the last output.
struct Tiling {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<StageBuffer>
      buffers;  // buffers[s] holds the input of stage s; without memory when read in place
  int64_t scratch_floats = 0;
  int64_t floats = 0;  // of all buffers and scratch: what one worker needs
};

class DepthFirst : public Kernel {
 public:
  DepthFirst(std::vector<std::unique_ptr<RegionKernel>> stages, int64_t batch)
      : stages_(std::move(stages)), batch_(batch), tiling_(choose_tiling()) {}

  bool fits() const { return tiling_.floats <= kMostFloats; }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(tiling_.floats * workers) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const ImageShape out = stages_.back()->output_shape();
    if (batch_ == 0 || out.height == 0 || out.width == 0 || out.channels == 0) return;
    const int64_t columns = ceil_div(out.width, tiling_.columns);
    // A band is a stretch of rows that one thread sweeps. More bands than threads, so that an uneven machine
    // does not wait for one of them; each begins with rows that its upper neighbour computes too, so not many
    // more.
    const int64_t wanted =
        run.pool.size() == 1 ? 1 : ceil_div(int64_t{2} * run.pool.size(), columns * batch_);
    const int64_t bands = std::clamp<int64_t>(wanted, 1, ceil_div(out.height, tiling_.rows));
    const int64_t band_rows = ceil_div(out.height, bands);
    run.pool.parallel_for(static_cast<size_t>(batch_ * columns * bands), [&](size_t piece, int worker) {
      const int64_t index = static_cast<int64_t>(piece);
      const int64_t image = index / (columns * bands), column = index / bands % columns, band = index % bands;
      const Interval rows = clip({band * band_rows, (band + 1) * band_rows}, out.height);
      const Interval cols = clip({column * tiling_.columns, (column + 1) * tiling_.columns}, out.width);
      if (rows.size() == 0 || cols.size() == 0) return;
      float* memory = reinterpret_cast<float*>(run.scratch) + worker * tiling_.floats;
      sweep(image_view(run.input(0), image), image_view(run.output(0), image), rows, cols, memory,
            run.cancellation);
    });
  }

 private:
  // What a sweep knows of each stage's input.
  struct StageState {
    PlaneView view;    // rows that are there
    Interval columns;  // wanted, beyond the image too
    bool in_place = false;
  };

  // One column of tiles on its way down.
  struct Sweep {
    const PlaneView& input;
    std::vector<StageState> stages;
    float* scratch;
    const Cancellation& cancellation;
  };

  static PlaneView image_view(const Tensor& tensor, int64_t image) {
    const int64_t height = tensor.dim(2), width = tensor.dim(3);
    float* data =
        static_cast<float*>(const_cast<void*>(tensor.raw())) + image * tensor.dim(1) * height * width;
    return {data, height * width, width, {0, height}, {0, width}};
  }

  // What each stage's input needs of columns for these columns of the chain's output, from the last stage
  // back.
  std::vector<Interval> columns_for(Interval output) const {
    std::vector<Interval> needs(stages_.size() + 1);
    needs.back() = output;
    for (size_t s = stages_.size(); s-- > 0;)
      needs[s] = stages_[s]->input_columns(clip(needs[s + 1], stages_[s]->output_shape().width));
    return needs;
  }

  // The widest that each stage's input gets over all columns of tiles.
  std::vector<int64_t> widest_inputs(int64_t tile) const {
    std::vector<int64_t> widest(stages_.size() + 1, 0);
    const int64_t width = stages_.back()->output_shape().width;
    for (int64_t begin = 0; begin < width; begin += tile) {
      const auto needs = columns_for(clip({begin, begin + tile}, width));
      for (size_t s = 0; s < needs.size(); ++s) widest[s] = std::max(widest[s], needs[s].size());
    }
    return widest;
  }

  // Rows of its input that a stage needs at the most to make `rows` of its output, wherever they lie.
  static int64_t tallest_input(const RegionKernel& stage, int64_t rows) {
    int64_t tallest = 0;
    const int64_t height = stage.output_shape().height;
    for (int64_t begin = 0; begin < height; ++begin)
      tallest = std::max(tallest, stage.input_rows(clip({begin, begin + rows}, height)).size());
    return tallest;
  }

  Tiling tiling_for(int64_t rows, int64_t columns) const {
    Tiling tiling;
    tiling.rows = rows;
    tiling.columns = columns;
    const auto widths = widest_inputs(columns);
    for (size_t s = 0; s < stages_.size(); ++s) {
      StageBuffer buffer;
      if (s > 0 || !reads_input_in_place()) {
        buffer.rows = tallest_input(*stages_[s], rows);
        buffer.row_stride = round_up(widths[s] + kLanePadding, 16);
        if (buffer.row_stride % 256 == 0) buffer.row_stride += kRowSkew;
        buffer.floats = buffer_floats(stages_[s]->input_shape().channels, buffer.rows, buffer.row_stride);
      }
      tiling.floats += buffer.floats;
      tiling.buffers.push_back(buffer);
      tiling.scratch_floats = std::max(tiling.scratch_floats,
                                       static_cast<int64_t>(stages_[s]->scratch_floats(rows, widths[s + 1])));
    }
    tiling.scratch_floats = round_up(tiling.scratch_floats, 16);
    tiling.floats += tiling.scratch_floats + kRowSkew;
    return tiling;
  }

  Tiling choose_tiling() const {
    const ImageShape out = stages_.back()->output_shape();
    const int64_t columns = ceil_div(std::max<int64_t>(out.width, 1), kWidestTile);
    int64_t width = ceil_div(std::max<int64_t>(out.width, 1), columns);
    int64_t height = std::max<int64_t>(1, std::min(out.height, kTallestTile));
    Tiling tiling = tiling_for(height, width);
    while (tiling.floats > kTileFloats && (height > 2 || width > 64)) {
      if (height > 2) {
        height = std::max<int64_t>(2, height / 2);
      } else {
        width = ceil_div(width, 2);
      }
      tiling = tiling_for(height, width);
    }
    return tiling;
  }

  // The first stage may read the caller's tensor when it needs no padding around it.
  bool reads_input_in_place() const { return stages_.front()->reads_exactly(); }

  void sweep(const PlaneView& input, const PlaneView& output, Interval rows, Interval columns, float* memory,
             const Cancellation& cancellation) const {
    Sweep state{input, std::vector<StageState>(stages_.size()), memory, cancellation};
    const auto wanted_columns = columns_for(columns);
    float* next = memory + tiling_.scratch_floats;
    for (size_t s = 0; s < stages_.size(); ++s) {
      const StageBuffer& buffer = tiling_.buffers[s];
      StageState& stage = state.stages[s];
      stage.columns = wanted_columns[s];
      stage.in_place = buffer.floats == 0;
      stage.view = {next, buffer.rows * buffer.row_stride, buffer.row_stride, {0, 0}, wanted_columns[s]};
      if (stage.in_place) stage.view = input;
      next += buffer.floats;
    }
    const size_t last = stages_.size() - 1;
    for (int64_t row = rows.begin; row < rows.end; row += tiling_.rows) {
      cancellation.check();
      const Interval tile{row, std::min(row + tiling_.rows, rows.end)};
      pull(state, last, stages_[last]->input_rows(tile));
      stages_[last]->run(state.stages[last].view, output, tile, columns, memory);
    }
  }

  // Sees to it that stage `s` has these rows of its input: keeps those that are there, has the stage before
  // make the others, no more than a tile's at a time. Goes as deep as the chain is long.
  void pull(Sweep& state, size_t s, Interval need) const {
    StageState& stage = state.stages[s];
    if (stage.in_place) return;
    const ImageShape image = stages_[s]->input_shape();
    const Interval missing = make_room(stage.view, need, image.channels);
    const Interval rows = clip(missing, image.height), columns = clip(stage.columns, image.width);
    if (s == 0) {
      copy_rows(state.input, stage.view, rows, columns);
    } else {
      // A tile may lie in the padding as a whole.
      for (int64_t row = rows.begin; row < rows.end && columns.size() > 0; row += tiling_.rows) {
        const Interval chunk{row, std::min(row + tiling_.rows, rows.end)};
        state.cancellation.check();
        pull(state, s - 1, stages_[s - 1]->input_rows(chunk));
        stages_[s - 1]->run(state.stages[s - 1].view, stage.view, chunk, columns, state.scratch);
      }
    }
    fill_padding(stage, missing, image, stages_[s]->padding_value());
  }

  // Drops rows above `need`, moves what remains to the top and says which rows are to be made.
  static Interval make_room(PlaneView& view, Interval need, int64_t channels) {
    const Interval keep{std::max(view.rows.begin, need.begin), std::max(view.rows.end, need.begin)};
    const int64_t kept = std::max<int64_t>(0, keep.size());
    if (kept > 0 && keep.begin > view.rows.begin) {
      for (int64_t channel = 0; channel < channels; ++channel) {
        float* base = view.data + channel * view.channel_stride;
        std::memmove(base, base + (keep.begin - view.rows.begin) * view.row_stride,
                     static_cast<size_t>(kept * view.row_stride) * sizeof(float));
      }
    }
    view.rows = need;
    return {need.begin + kept, need.end};
  }

  void copy_rows(const PlaneView& from, const PlaneView& to, Interval rows, Interval columns) const {
    for (int64_t channel = 0; channel < stages_[0]->input_shape().channels; ++channel)
      for (int64_t row = rows.begin; row < rows.end; ++row)
        std::copy_n(from.at(channel, row, columns.begin), columns.size(), to.at(channel, row, columns.begin));
  }

  static void fill_padding(const StageState& to, Interval rows, ImageShape image, float value) {
    for (int64_t channel = 0; channel < image.channels; ++channel) {
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        float* line = to.view.at(channel, row, to.columns.begin);
        // Columns beyond the last are read, not used, by whole vectors: they must only be numbers.
        const int64_t width = to.columns.size() + kLanePadding;
        if (row < 0 || row >= image.height) {
          std::fill_n(line, width, value);
          continue;
        }
        const int64_t before = std::clamp<int64_t>(-to.columns.begin, 0, to.columns.size());
        const int64_t after = std::clamp<int64_t>(image.width - to.columns.begin, 0, to.columns.size());
        std::fill_n(line, before, value);
        std::fill(line + after, line + width, value);
      }
    }
  }

  std::vector<std::unique_ptr<RegionKernel>> stages_;
  int64_t batch_;
  Tiling tiling_;
};

}  // namespace

std::unique_ptr<Kernel> make_depth_first(std::vector<std::unique_ptr<RegionKernel>> stages, int64_t batch) {
  auto kernel = std::make_unique<DepthFirst>(std::move(stages), batch);
  if (!kernel->fits()) return nullptr;
  return kernel;
}

}  // namespace slipway::engine
