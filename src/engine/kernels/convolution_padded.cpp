// Conv with few output channels of a group, depthwise ones above all, or with few input channels, over one to
// three axes: strips of a group's planes are copied with their padding, and the K inputs of an output are
// offsets into the copy. What is copied once im2col would gather once for each place of the kernel.
//
// Columns of the copy are split into phases, one for each column of a stride that the kernel reads, so that
// neighbouring outputs read neighbouring floats.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernels/convolution.hpp"
#include "engine/kernels/im2col_panel.hpp"

namespace slipway::engine {
namespace {

// Pictures are input channels that few.
constexpr int64_t kFewInputs = 4;
// Floats of a strip: 256 KB stay in the L2 cache.
constexpr int64_t kStripFloats = 65536;
constexpr int64_t kMostStripFloats = 4 * kStripFloats;

// How the outputs of one axis read it.
struct Axis {
  int64_t kernel, stride, dilation;

  // Inputs from the first to the last that some neighbouring outputs read, and whether they read the one
  // `place` behind the first.
  int64_t reach(int64_t outputs) const { return (outputs - 1) * stride + (kernel - 1) * dilation + 1; }
  bool reads(int64_t place) const {
    for (int64_t tap = 0; tap < std::min(kernel, stride); ++tap)
      if ((place - tap * dilation) % stride == 0) return true;
    return false;
  }
};

class PaddedConvolution : public Kernel {
 public:
  PaddedConvolution(const KernelRequest& request, const ConvolutionParameters& parameters)
      : p_(parameters),
        weights_(request, parameters),
        depth_{p_.kernel_depth, p_.stride_depth, p_.dilation_depth},
        height_{p_.kernel_height, p_.stride_height, p_.dilation_height},
        phase_(phase_floats(p_)) {
    for (int64_t x = 0; x < p_.kernel_width; ++x)
      if (const int64_t phase = x * p_.dilation_width % p_.stride_width; phase_place(phase) < 0)
        phases_.push_back(phase);
    line_ = phase_ * static_cast<int64_t>(phases_.size());
    choose_strips(request.threads);
    find_offsets();
  }

  // Whether the strip of one row of outputs is small enough.
  static bool fits(const ConvolutionParameters& p) {
    const auto reach = [](int64_t kernel, int64_t dilation) {
      return static_cast<double>(kernel - 1) * static_cast<double>(dilation) + 1;
    };
    return static_cast<double>(p.group_inputs()) * reach(p.kernel_depth, p.dilation_depth) *
               reach(p.kernel_height, p.dilation_height) * static_cast<double>(phase_floats(p)) *
               static_cast<double>(std::min(p.stride_width, p.kernel_width)) <=
           static_cast<double>(kMostStripFloats);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(strip_floats() * workers) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t slabs = ceil_div(p_.output_depth, planes_), bands = ceil_div(p_.output.height, rows_);
    run.pool.parallel_for(
        static_cast<size_t>(p_.batch * p_.groups * slabs * bands), [&](size_t piece, int worker) {
          run.cancellation.check();
          const auto index = static_cast<int64_t>(piece);
          const int64_t row = index % bands * rows_, plane = index / bands % slabs * planes_;
          run_piece(run,
                    {index / bands / slabs,
                     {plane, std::min(p_.output_depth, plane + planes_)},
                     {row, std::min(p_.output.height, row + rows_)}},
                    reinterpret_cast<float*>(run.scratch) + worker * strip_floats());
        });
  }

 private:
  // Some rows of some planes of the output of one group.
  struct Piece {
    int64_t volume;  // image · groups + group
    Interval planes;
    Interval rows;
  };

  // Of a row of outputs; a tap reads from one phase.
  static int64_t phase_floats(const ConvolutionParameters& p) {
    return p.output.width + (p.kernel_width - 1) * p.dilation_width / p.stride_width;
  }
  int64_t phase_place(int64_t phase) const {
    const auto found = std::find(phases_.begin(), phases_.end(), phase);
    return found == phases_.end() ? -1 : found - phases_.begin();
  }
  int64_t plane_floats() const { return height_.reach(rows_) * line_; }
  int64_t channel_floats() const { return depth_.reach(planes_) * plane_floats(); }
  int64_t strip_floats() const { return round_up(p_.group_inputs() * channel_floats() + kLanePadding, 16); }

  // As much as fits, but enough strips for all threads. Files may state strides whose products overflow.
  void choose_strips(int threads) {
    const int64_t wanted = ceil_div(int64_t{4} * threads, p_.batch * p_.groups);
    planes_ = std::max<int64_t>(1, p_.output_depth / wanted);
    rows_ = ceil_div(p_.output.height, ceil_div(wanted, ceil_div(p_.output_depth, planes_)));
    const auto is_too_large = [&] {
      return static_cast<double>(p_.group_inputs()) * static_cast<double>(depth_.reach(planes_)) *
                 static_cast<double>(height_.reach(rows_)) * static_cast<double>(line_) >
             static_cast<double>(kStripFloats);
    };
    while (planes_ > 1 && is_too_large()) planes_ = ceil_div(planes_, 2);
    while (rows_ > 1 && is_too_large()) rows_ = ceil_div(rows_, 2);
  }

  void find_offsets() {
    for (int64_t channel = 0; channel < p_.group_inputs(); ++channel)
      for (int64_t z = 0; z < p_.kernel_depth; ++z)
        for (int64_t y = 0; y < p_.kernel_height; ++y)
          for (int64_t x = 0; x < p_.kernel_width; ++x) {
            const int64_t column = x * p_.dilation_width;
            offsets_.push_back(channel * channel_floats() + z * p_.dilation_depth * plane_floats() +
                               y * p_.dilation_height * line_ +
                               phase_place(column % p_.stride_width) * phase_ + column / p_.stride_width);
          }
  }

  void run_piece(const KernelRun& run, const Piece& piece, float* strip) const {
    const float* channels = run.input_floats(0) + piece.volume * p_.group_inputs() * p_.input_pixels();
    for (int64_t channel = 0; channel < p_.group_inputs(); ++channel)
      copy_channel(channels + channel * p_.input_pixels(), piece, strip + channel * channel_floats());
    for (int64_t plane = piece.planes.begin; plane < piece.planes.end; ++plane)
      for (int64_t row = piece.rows.begin; row < piece.rows.end; ++row) {
        const int64_t source_plane = (plane - piece.planes.begin) * p_.stride_depth;
        const int64_t source_row = (row - piece.rows.begin) * p_.stride_height;
        multiply_row(run, piece.volume, plane * p_.output.height + row,
                     strip + source_plane * plane_floats() + source_row * line_);
      }
  }

  void copy_channel(const float* channel, const Piece& piece, float* to) const {
    const int64_t first_plane = piece.planes.begin * p_.stride_depth - p_.pad_front;
    const int64_t first_row = piece.rows.begin * p_.stride_height - p_.pad_top;
    for (int64_t z = 0; z < depth_.reach(piece.planes.size()); ++z) {
      if (!depth_.reads(z)) continue;
      for (int64_t y = 0; y < height_.reach(piece.rows.size()); ++y) {
        if (!height_.reads(y)) continue;
        const int64_t plane = first_plane + z, row = first_row + y;
        float* line = to + z * plane_floats() + y * line_;
        if (plane < 0 || plane >= p_.input_depth || row < 0 || row >= p_.input.height)
          std::fill_n(line, line_, 0.0f);
        else
          for (size_t i = 0; i < phases_.size(); ++i)
            gather_row(channel + (plane * p_.input.height + row) * p_.input.width, p_.input.width,
                       phases_[i] - p_.pad_left, p_.stride_width, phase_,
                       line + static_cast<int64_t>(i) * phase_);
      }
    }
  }

  // One row of all output channels of the group.
  void multiply_row(const KernelRun& run, int64_t volume, int64_t row, const float* source) const {
    const int64_t group = volume % p_.groups;
    const int64_t place = volume * p_.group_outputs() * p_.output_pixels() + row * p_.output.width;
    const size_t residual = p_.fusion.residual_input;
    GemmBlock block;
    block.m = p_.group_outputs(), block.n = p_.output.width;
    block.weights_k = p_.k();
    block.source = source;
    block.out = run.output_floats(0) + place;
    block.out_stride = p_.output_pixels();
    block.bias = weights_.bias(group);
    for (int64_t k = 0; k < p_.k(); k += kSumLength) {
      block.k = std::min(kSumLength, p_.k() - k);
      block.offsets = offsets_.data() + k;
      block.weights = weights_.weights(group) + k * kChannelBlock;
      block.accumulate = k > 0;
      if (k + block.k == p_.k()) {
        block.clamp = p_.fusion.clamp;
        if (residual != 0) block.residual = run.input_floats(residual) + place;
      }
      gemm_block(block);
    }
  }

  ConvolutionParameters p_;
  ConvolutionWeights weights_;
  Axis depth_, height_;
  int64_t phase_;
  CountedVector<int64_t> phases_;
  int64_t line_;                   // of the copy: all phases of a row
  int64_t planes_ = 1, rows_ = 1;  // of the output that a strip is for, at most
  CountedVector<int64_t> offsets_;
};

// Panels take longer to gather the fewer channels of the output share them, and the more often the same
// input goes into them; copies are short when they have few channels.
bool is_best(const ConvolutionParameters& p) {
  const bool has_overlap = p.kernel_width > p.stride_width;
  return p.group_outputs() < kFewestForPanels || (p.group_inputs() <= kFewInputs && has_overlap);
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
