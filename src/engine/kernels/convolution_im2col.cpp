#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/convolution.hpp"

namespace slipway::engine {
namespace {

// Fewer output channels than this for a gathered panel do not pay for the gathering.
constexpr int64_t kFewestChannels = 64;

class Im2colConvolution : public Kernel {
 public:
  Im2colConvolution(const KernelRequest& request, const ConvolutionParameters& parameters)
      : p_(parameters), weights_(request, parameters), width_(gemm_panel_width()) {
    for (int64_t k = 0; k < kSumLength; ++k) offsets_.push_back(k * width_);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(panel_floats() * workers) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t pixels = p_.output.height * p_.output.width, panels = ceil_div(pixels, width_);
    const int64_t channels = channels_per_piece(panels, run.pool.size());
    const int64_t chunks = ceil_div(p_.group_outputs(), channels);
    if (pixels == 0 || p_.batch == 0) return;
    run.pool.parallel_for(static_cast<size_t>(p_.batch * p_.groups * panels * chunks), [&](size_t piece,
                                                                                           int worker) {
      run.cancellation.check();
      int64_t index = static_cast<int64_t>(piece);
      Piece work;
      work.chunk = {index % chunks * channels, std::min(p_.group_outputs(), (index % chunks + 1) * channels)};
      index /= chunks;
      work.pixels = {index % panels * width_, std::min(pixels, (index % panels + 1) * width_)};
      index /= panels;
      work.group = index % p_.groups;
      work.image = index / p_.groups;
      run_piece(run, work, reinterpret_cast<float*>(run.scratch) + worker * panel_floats());
    });
  }

 private:
  // Some output channels of one group and a panel of pixels of one image.
  struct Piece {
    int64_t image, group;
    Interval chunk;
    Interval pixels;
  };

  int64_t panel_floats() const { return kSumLength * width_ + kLanePadding; }

  // Panels alone give enough pieces for large images; small ones are split by channels too.
  int64_t channels_per_piece(int64_t panels, int threads) const {
    const int64_t wanted =
        ceil_div(int64_t{4} * threads, p_.batch * p_.groups * std::max<int64_t>(panels, 1));
    const int64_t channels = ceil_div(p_.group_outputs(), std::max<int64_t>(wanted, 1));
    return std::max(kFewestChannels, ceil_div(channels, kChannelBlock) * kChannelBlock);
  }

  void run_piece(const KernelRun& run, const Piece& piece, float* panel) const {
    const int64_t pixels = p_.output.height * p_.output.width;
    const float* image =
        run.input_floats(0) + (piece.image * p_.input.channels + piece.group * p_.group_inputs()) *
                                  p_.input.height * p_.input.width;
    const int64_t place =
        (piece.image * p_.output.channels + piece.group * p_.group_outputs() + piece.chunk.begin) * pixels +
        piece.pixels.begin;
    const size_t residual = p_.fusion.residual_input;

    GemmBlock block;
    block.m = piece.chunk.size();
    block.n = piece.pixels.size();
    block.weights_k = p_.k();
    block.source = panel;
    block.offsets = offsets_.data();
    block.out = run.output_floats(0) + place;
    block.out_stride = pixels;
    const float* bias = weights_.bias(piece.group);
    block.bias = bias ? bias + piece.chunk.begin : nullptr;
    for (int64_t k = 0; k < p_.k(); k += kSumLength) {
      block.k = std::min(kSumLength, p_.k() - k);
      block.weights = weights_.weights(piece.group) + piece.chunk.begin * p_.k() + k * kChannelBlock;
      block.accumulate = k > 0;
      if (k + block.k == p_.k()) {
        block.clamp = p_.fusion.clamp;
        if (residual != 0) block.residual = run.input_floats(residual) + place;
      }
      gather(image, {k, k + block.k}, piece.pixels, panel);
      gemm_block(block);
    }
  }

  // Row k of the panel: for each of the pixels, the input that weight k meets.
  void gather(const float* image, Interval ks, Interval pixels, float* panel) const {
    const int64_t area = p_.kernel_height * p_.kernel_width;
    for (int64_t k = ks.begin; k < ks.end; ++k, panel += width_) {
      const float* plane = image + k / area * p_.input.height * p_.input.width;
      const int64_t y = k % area / p_.kernel_width * p_.dilation_height - p_.pad_top;
      const int64_t x = k % p_.kernel_width * p_.dilation_width - p_.pad_left;
      float* to = panel;
      for (int64_t pixel = pixels.begin; pixel < pixels.end;) {
        const int64_t row = pixel / p_.output.width, column = pixel % p_.output.width;
        const int64_t count = std::min(p_.output.width - column, pixels.end - pixel);
        const int64_t in_row = row * p_.stride_height + y;
        if (in_row < 0 || in_row >= p_.input.height) {
          std::fill_n(to, count, 0.0f);
        } else {
          gather_row(plane + in_row * p_.input.width, column * p_.stride_width + x, count, to);
        }
        to += count;
        pixel += count;
      }
      std::fill(to, panel + width_, 0.0f);
    }
  }

  // `count` floats from `column` on, a stride apart; zeros outside of the row.
  void gather_row(const float* row, int64_t column, int64_t count, float* to) const {
    const int64_t stride = p_.stride_width;
    const int64_t before = std::clamp<int64_t>(ceil_div(-column, stride), 0, count);
    const int64_t inside = std::clamp<int64_t>(ceil_div(p_.input.width - column, stride), before, count);
    std::fill_n(to, before, 0.0f);
    if (stride == 1) {
      std::memcpy(to + before, row + column + before, static_cast<size_t>(inside - before) * sizeof(float));
    } else {
      for (int64_t i = before; i < inside; ++i) to[i] = row[column + i * stride];
    }
    std::fill(to + inside, to + count, 0.0f);
  }

  ConvolutionParameters p_;
  ConvolutionWeights weights_;
  int64_t width_;
  std::vector<int64_t> offsets_;
};

// Gathering a panel costs as much as multiplying it with a few channels.
bool direct_is_better(const ConvolutionParameters& p) {
  return p.stride_height == 1 && p.stride_width == 1 && p.fusion.residual_input == 0 &&
         p.group_outputs() < 16 && p.output.width >= 16;
}

}  // namespace

std::unique_ptr<Kernel> make_convolution(const KernelRequest& request) {
  const auto parameters = convolution_parameters(request);
  if (parameters && direct_is_better(*parameters)) return nullptr;
  return parameters ? std::make_unique<Im2colConvolution>(request, *parameters) : nullptr;
}

}  // namespace slipway::engine
