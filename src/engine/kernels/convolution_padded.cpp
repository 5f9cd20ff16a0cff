// Conv over one to three axes whose windows overlap, or with few output channels of a group, depthwise ones
// above all: strips of a group's planes are copied with their padding, and the K inputs of an output are
// offsets into the copy. What is copied once im2col would gather once for each place of the kernel.
//
// Strides split rows and columns of the copy into phases, a plane for each that the kernel reads, so that
// neighbouring outputs read neighbouring floats. Rows of a phase are a little longer than those of the
// output: where these are short, or of few channels, all are multiplied as one long row, of which the
// output's rows are parts.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernels/im2col_panel.hpp"
#include "engine/kernels/window_axis.hpp"

namespace slipway::engine {
namespace {

// Pictures are input channels that few.
constexpr int64_t kFewInputs = 4;
// Floats of a strip and of the sums of a plane of it: 256 KB stay in the L2 cache.
constexpr int64_t kStripFloats = 65536;
constexpr int64_t kMostStripFloats = 4 * kStripFloats;
// Rows that are copied again for each row of a strip of one, however short they are.
constexpr double kMostHaloRows = 4096;
// Rows are not cut, so that there must be some for threads to share.
constexpr int64_t kFewestRows = 8;
// Rows that long fill the micro-kernel by themselves, if there are channels enough.
constexpr int64_t kWideRow = 96;

class PaddedConvolution : public Kernel {
 public:
  PaddedConvolution(const KernelRequest& request, const ConvolutionParameters& parameters)
      : p_(parameters),
        weights_(request, parameters),
        depth_phases_(depth_axis(p_).phases()),
        row_phases_(height_axis(p_).phases()),
        column_phases_(width_axis(p_).phases()),
        line_(p_.output.width + width_axis(p_).halo()),
        is_one_row_(p_.output.height > 1 &&
                    (p_.group_outputs() < kChannelBlock || p_.output.width < kWideRow)) {
    choose_strips(request.threads);
    find_offsets();
  }

  // Whether the strip and the sums of one row of outputs are small enough. Files may state what overflows.
  static bool fits(const ConvolutionParameters& p) {
    const double line = static_cast<double>(p.output.width) + static_cast<double>(width_axis(p).halo());
    double strip = static_cast<double>(p.group_inputs()) * line;
    for (const WindowAxis& axis : {depth_axis(p), height_axis(p), width_axis(p)}) {
      if (std::min(axis.kernel, axis.stride) > kMostPhases) return false;
      strip *= static_cast<double>(std::min(axis.kernel, axis.stride));
    }
    double rows = 1.0;
    for (const WindowAxis& axis : {depth_axis(p), height_axis(p)})
      rows *= static_cast<double>(axis.halo()) + 1.0;
    strip *= rows;
    if (rows > kMostHaloRows) return false;
    return std::max(strip, static_cast<double>(p.group_outputs()) * line) <=
           static_cast<double>(kMostStripFloats);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>((strip_floats() + sums_floats()) * workers) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t slabs = ceil_div(p_.output_depth, planes_), bands = ceil_div(p_.output.height, rows_);
    run.pool.parallel_for(
        static_cast<size_t>(p_.batch * p_.groups * slabs * bands), [&](size_t index, int worker) {
          run.cancellation.check();
          const auto piece = static_cast<int64_t>(index);
          const int64_t row = piece % bands * rows_, plane = piece / bands % slabs * planes_;
          run_piece(run,
                    {piece / bands / slabs,
                     {plane, std::min(p_.output_depth, plane + planes_)},
                     {row, std::min(p_.output.height, row + rows_)}},
                    reinterpret_cast<float*>(run.scratch) + worker * (strip_floats() + sums_floats()));
        });
  }

 private:
  // Some rows of some planes of the output of one group.
  struct Piece {
    int64_t volume;  // image · groups + group
    Interval planes;
    Interval rows;
  };

  // The copy is [channels][depth phases][planes][row phases][column phases][rows][line].
  int64_t image_floats() const { return (rows_ + height_axis(p_).halo()) * line_; }
  int64_t plane_floats() const { return count(row_phases_) * count(column_phases_) * image_floats(); }
  int64_t phase_floats() const { return (planes_ + depth_axis(p_).halo()) * plane_floats(); }
  int64_t channel_floats() const { return count(depth_phases_) * phase_floats(); }
  int64_t strip_floats() const { return round_up(p_.group_inputs() * channel_floats() + kLanePadding, 16); }
  // The sums of one long row are [channels][rows][line] of one plane.
  int64_t sums_stride() const { return rows_ * line_; }
  int64_t sums_floats() const { return is_one_row_ ? round_up(p_.group_outputs() * sums_stride(), 16) : 0; }

  static int64_t count(const CountedVector<int64_t>& phases) { return static_cast<int64_t>(phases.size()); }
  static int64_t place(const CountedVector<int64_t>& phases, int64_t phase) {
    return std::find(phases.begin(), phases.end(), phase) - phases.begin();
  }

  // As much as fits, but enough strips for all threads. Each reads all weights: where no cache holds them,
  // few large strips are better, of which the L2 cache holds what a part of the sums reads.
  void choose_strips(int threads) {
    const bool are_cached = p_.group_outputs() * p_.k() <= kMostCachedWeights;
    const int64_t most = are_cached ? kStripFloats : kMostStripFloats;
    const int64_t wanted =
        threads == 1 ? 1 : ceil_div((are_cached ? 4 : 1) * int64_t{threads}, p_.batch * p_.groups);
    planes_ = std::max<int64_t>(1, p_.output_depth / wanted);
    rows_ = ceil_div(p_.output.height, ceil_div(wanted, ceil_div(p_.output_depth, planes_)));
    while (rows_ > 1 && sums_floats() > kStripFloats) rows_ = ceil_div(rows_, 2);
    while (planes_ > 1 && strip_floats() > most) planes_ = ceil_div(planes_, 2);
    while (rows_ > 1 && strip_floats() > most) rows_ = ceil_div(rows_, 2);
  }

  void find_offsets() {
    for (int64_t channel = 0; channel < p_.group_inputs(); ++channel)
      for (int64_t z = 0; z < p_.kernel_depth; ++z)
        for (int64_t y = 0; y < p_.kernel_height; ++y)
          for (int64_t x = 0; x < p_.kernel_width; ++x) {
            const int64_t plane = z * p_.dilation_depth, row = y * p_.dilation_height,
                          column = x * p_.dilation_width;
            const int64_t image = place(row_phases_, row % p_.stride_height) * count(column_phases_) +
                                  place(column_phases_, column % p_.stride_width);
            offsets_.push_back(channel * channel_floats() +
                               place(depth_phases_, plane % p_.stride_depth) * phase_floats() +
                               plane / p_.stride_depth * plane_floats() + image * image_floats() +
                               row / p_.stride_height * line_ + column / p_.stride_width);
          }
  }

  void run_piece(const KernelRun& run, const Piece& piece, float* strip) const {
    const float* channels = run.input_floats(0) + piece.volume * p_.group_inputs() * p_.input_pixels();
    for (int64_t channel = 0; channel < p_.group_inputs(); ++channel)
      copy_channel(channels + channel * p_.input_pixels(), piece, strip + channel * channel_floats());
    for (int64_t plane = piece.planes.begin; plane < piece.planes.end; ++plane) {
      const float* source = strip + (plane - piece.planes.begin) * plane_floats();
      if (is_one_row_)
        make_one_row(run, piece, plane, source, strip + strip_floats());
      else
        make_rows(run, piece, plane, source);
    }
  }

  void copy_channel(const float* channel, const Piece& piece, float* to) const {
    for (const int64_t phase : depth_phases_) {
      for (int64_t i = 0; i < piece.planes.size() + depth_axis(p_).halo(); ++i) {
        const int64_t plane = (piece.planes.begin + i) * p_.stride_depth + phase - p_.pad_front;
        const bool is_inside = plane >= 0 && plane < p_.input_depth;
        const float* from = is_inside ? channel + plane * p_.input.height * p_.input.width : nullptr;
        copy_plane(from, piece.rows, to + i * plane_floats());
      }
      to += phase_floats();
    }
  }

  // Of padding alone if `plane` is nullptr.
  void copy_plane(const float* plane, Interval rows, float* to) const {
    for (const int64_t row_phase : row_phases_)
      for (const int64_t column_phase : column_phases_) {
        for (int64_t i = 0; i < rows.size() + height_axis(p_).halo(); ++i) {
          const int64_t row = (rows.begin + i) * p_.stride_height + row_phase - p_.pad_top;
          if (plane && row >= 0 && row < p_.input.height)
            gather_row(plane + row * p_.input.width, p_.input.width, column_phase - p_.pad_left,
                       p_.stride_width, line_, to + i * line_);
          else
            std::fill_n(to + i * line_, line_, 0.0f);
        }
        to += image_floats();
      }
  }

  // The output's place of a row's first column in the group's first channel.
  int64_t place_of(const Piece& piece, int64_t plane, int64_t row) const {
    return piece.volume * p_.group_outputs() * p_.output_pixels() +
           (plane * p_.output.height + row) * p_.output.width;
  }

  void make_rows(const KernelRun& run, const Piece& piece, int64_t plane, const float* source) const {
    const size_t residual = p_.fusion.residual_input;
    GemmBlock block;
    block.n = p_.output.width;
    block.out_stride = p_.output_pixels();
    for (int64_t row = piece.rows.begin; row < piece.rows.end; ++row, source += line_) {
      const int64_t place = place_of(piece, plane, row);
      block.source = source;
      block.out = run.output_floats(0) + place;
      multiply(piece, block, residual != 0 ? run.input_floats(residual) + place : nullptr, p_.fusion.clamp);
    }
  }

  void make_one_row(const KernelRun& run, const Piece& piece, int64_t plane, const float* source,
                    float* sums) const {
    const size_t residual = p_.fusion.residual_input;
    GemmBlock block;
    block.n = (piece.rows.size() - 1) * line_ + p_.output.width;
    block.source = source;
    block.out = sums, block.out_stride = sums_stride();
    multiply(piece, block, nullptr, residual != 0 ? Clamp() : p_.fusion.clamp);
    for (int64_t channel = 0; channel < p_.group_outputs(); ++channel)
      for (int64_t row = piece.rows.begin; row < piece.rows.end; ++row) {
        const int64_t place = place_of(piece, plane, row) + channel * p_.output_pixels();
        const float* from = sums + channel * sums_stride() + (row - piece.rows.begin) * line_;
        float* to = run.output_floats(0) + place;
        if (residual != 0)
          add_row(from, run.input_floats(residual) + place, to);
        else
          copy_row(from, p_.output.width, to);
      }
  }

  // Clamped as gemm_block does it.
  void add_row(const float* from, const float* residual, float* to) const {
    const Clamp clamp = p_.fusion.clamp;
    for (int64_t x = 0; x < p_.output.width; ++x) {
      float value = from[x] + residual[x];
      value = value < clamp.lower ? clamp.lower : value;
      to[x] = value > clamp.upper ? clamp.upper : value;
    }
  }

  // All products of the block's outputs.
  void multiply(const Piece& piece, GemmBlock block, const float* residual, const Clamp& clamp) const {
    const int64_t group = piece.volume % p_.groups;
    block.m = p_.group_outputs();
    block.weights_k = p_.k();
    block.bias = weights_.bias(group);
    for (int64_t k = 0; k < p_.k(); k += kSumLength) {
      block.k = std::min(kSumLength, p_.k() - k);
      block.offsets = offsets_.data() + k;
      block.weights = weights_.weights(group) + k * kChannelBlock;
      block.accumulate = k > 0;
      if (k + block.k == p_.k()) block.residual = residual, block.clamp = clamp;
      gemm_block(block);
    }
  }

  ConvolutionParameters p_;
  ConvolutionWeights weights_;
  CountedVector<int64_t> depth_phases_, row_phases_, column_phases_;
  int64_t line_;                   // of the copy
  bool is_one_row_;                // what all rows of a plane are multiplied as
  int64_t planes_ = 1, rows_ = 1;  // of the output that a strip is for, at most
  CountedVector<int64_t> offsets_;
};

// Panels take longer to gather the fewer channels of the output share them, and the more often the same
// input goes into them. With strides, copies are of short pieces unless they have few channels.
bool is_best(const ConvolutionParameters& p) {
  if (p.batch * p.groups * p.output_depth * p.output.height < kFewestRows) return false;
  const bool has_overlap = p.kernel_width > p.stride_width;
  const bool has_stride = p.stride_depth > 1 || p.stride_height > 1 || p.stride_width > 1;
  return p.group_outputs() < kFewestForPanels ||
         (has_overlap && (!has_stride || p.group_inputs() <= kFewInputs));
}

}  // namespace

std::unique_ptr<Kernel> make_padded_convolution(const KernelRequest& request) {
  const auto parameters = convolution_parameters(request);
  if (!parameters || !is_best(*parameters) || is_best_direct(request, *parameters) ||
      !PaddedConvolution::fits(*parameters))
    return nullptr;
  return std::make_unique<PaddedConvolution>(request, *parameters);
}

}  // namespace slipway::engine
