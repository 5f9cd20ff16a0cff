#include <algorithm>
#include <limits>

#include "engine/ceil_div.hpp"
#include "engine/kernels/convolution.hpp"
#include "engine/kernels/im2col_panel.hpp"

namespace slipway::engine {
namespace {

// Fewer output channels than this for a gathered panel do not pay for the gathering.
constexpr int64_t kFewestChannels = 64;
// How many panels share what no cache holds of the weights.
constexpr int64_t kMostPanels = 4;
// Short columns are gathered for several tiles of pixels at a time, which lie in fewer places: a panel of
// 24 KB, if every thread has some.
constexpr int64_t kPanelFloats = 6144;
constexpr int64_t kMostTiles = 16;
constexpr int64_t kPanelsPerThread = 4;

class Im2colConvolution : public Kernel {
 public:
  Im2colConvolution(const KernelRequest& request, const ConvolutionParameters& parameters)
      : p_(parameters), weights_(request, parameters) {
    cut(request.threads);
    for (int64_t k = 0; k < kSumLength; ++k) offsets_.push_back(k * width_);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(panel_floats() * workers) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t pixels = p_.output_pixels(), panels = ceil_div(pixels, width_);
    const int64_t chunks = ceil_div(p_.group_outputs(), channels_);
    run.pool.parallel_for(
        static_cast<size_t>(p_.batch * p_.groups * panels * chunks), [&](size_t piece, int worker) {
          run.cancellation.check();
          int64_t index = static_cast<int64_t>(piece);
          Piece work;
          work.chunk = {index % chunks * channels_,
                        std::min(p_.group_outputs(), (index % chunks + 1) * channels_)};
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

  // Into panels of pixels and chunks of channels, so that the thread with the most pieces is done as early as
  // can be: gathering a panel takes as long as multiplying it with some channels.
  void cut(int threads) {
    const int64_t tile = gemm_panel_width(), pixels = p_.output_pixels(), outputs = p_.group_outputs();
    const int64_t fitting = kPanelFloats / (tile * std::min(p_.k(), kSumLength));
    const int64_t shared = p_.batch * p_.groups * pixels / (tile * kPanelsPerThread * threads);
    const int64_t whole = tile * std::clamp<int64_t>(std::min(fitting, shared), 1, kMostTiles);
    const bool are_cached = outputs * p_.k() <= kMostCachedWeights;
    const int64_t fewest = ceil_div(pixels, are_cached ? whole : kMostPanels * whole);
    double least = std::numeric_limits<double>::infinity();
    for (int64_t panels = fewest; panels <= (are_cached ? fewest : fewest + threads); ++panels)
      for (int64_t chunks = 1; chunks <= std::min(int64_t{2} * threads, ceil_div(outputs, kFewestChannels));
           ++chunks) {
        const int64_t width = are_cached ? whole : round_up(ceil_div(pixels, panels), kLanePadding);
        const int64_t channels = round_up(ceil_div(outputs, chunks), kChannelBlock);
        const int64_t pieces = p_.batch * p_.groups * ceil_div(pixels, width) * ceil_div(outputs, channels);
        const double time = static_cast<double>(ceil_div(pieces, threads)) * static_cast<double>(width) *
                            static_cast<double>(channels + kFewestForPanels);
        if (time < least) least = time, width_ = width, channels_ = channels;
      }
  }

  void run_piece(const KernelRun& run, const Piece& piece, float* panel) const {
    const int64_t pixels = p_.output_pixels();
    const float* image =
        run.input_floats(0) +
        (piece.image * p_.input.channels + piece.group * p_.group_inputs()) * p_.input_pixels();
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
      gather_panel(p_, image, {k, k + block.k}, piece.pixels, width_, panel);
      gemm_block(block);
    }
  }

  ConvolutionParameters p_;
  ConvolutionWeights weights_;
  int64_t width_ = 0, channels_ = 0;  // of a piece, at most
  CountedVector<int64_t> offsets_;
};

}  // namespace

std::unique_ptr<Kernel> make_convolution(const KernelRequest& request) {
  const auto parameters = convolution_parameters(request);
  if (parameters && is_best_direct(request, *parameters)) return nullptr;
  return parameters ? std::make_unique<Im2colConvolution>(request, *parameters) : nullptr;
}

}  // namespace slipway::engine
