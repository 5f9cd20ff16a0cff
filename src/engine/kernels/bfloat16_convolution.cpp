// Conv whose operands may be rounded to bf16 (ops/private_attributes.hpp), as im2col over bfloat16_dot.hpp:
// lanes are neighbouring pixels, rows the weights of an output channel.
#include <algorithm>
#include <array>

#include "engine/ceil_div.hpp"
#include "engine/kernels/bfloat16_dot.hpp"
#include "engine/kernels/im2col_panel.hpp"

namespace slipway::engine {
namespace {

// Output channels that share a panel of pixels, and products of each: fewer do not pay for gathering it.
constexpr int64_t kFewestChannels = 32;
constexpr int64_t kFewestProducts = 16;

class Bfloat16Convolution : public Kernel {
 public:
  Bfloat16Convolution(const KernelRequest& request, const ConvolutionParameters& parameters,
                      const DotKernel& kernel)
      : p_(parameters), kernel_(kernel), pairs_(ceil_div(p_.k(), 2)) {
    for (int64_t pair = 0; pair < pairs_; ++pair) offsets_.push_back(pair * kernel_.width() * 4);
    pack_weights_of(request);
    if (request.shapes.constants.size() > 2 && request.shapes.constants[2])
      bias_ = *request.shapes.constants[2];
  }

  size_t scratch_bytes(int workers) const override { return static_cast<size_t>(workers * worker_bytes()); }

  void run(const KernelRun& run) const override {
    const int64_t pixels = p_.output_pixels(), panels = ceil_div(pixels, kernel_.width());
    const int64_t wanted =
        ceil_div(int64_t{4} * run.pool.size(), std::max<int64_t>(p_.batch * p_.groups * panels, 1));
    const int64_t chunks = std::clamp<int64_t>(wanted, 1, ceil_div(p_.group_outputs(), kFewestChannels));
    const int64_t channels = round_up(ceil_div(p_.group_outputs(), chunks), kDotRows);
    run.pool.parallel_for(
        static_cast<size_t>(p_.batch * p_.groups * panels * chunks), [&](size_t index, int worker) {
          run.cancellation.check();
          const int64_t piece = static_cast<int64_t>(index), chunk = piece % chunks,
                        panel = piece / chunks % panels;
          Piece work;
          work.plane = piece / chunks / panels;
          work.channels = {chunk * channels, std::min(p_.group_outputs(), (chunk + 1) * channels)};
          work.pixels = {panel * kernel_.width(), std::min(pixels, (panel + 1) * kernel_.width())};
          if (work.channels.begin < work.channels.end)
            run_piece(run, work, run.scratch + worker * worker_bytes());
        });
  }

 private:
  // Some output channels of one group of one image, and a panel of pixels.
  struct Piece {
    int64_t plane;  // image · groups + group
    Interval channels;
    Interval pixels;
  };

  int64_t row_stride() const { return pairs_ * 2; }
  int64_t panel_bytes() const { return pairs_ * kernel_.width() * 4; }
  // Floats are gathered so many rows at a time, an even number, before they are rounded.
  static constexpr int64_t kGathered = 64;
  int64_t worker_bytes() const {
    return round_up(panel_bytes(), 64) + kGathered * kernel_.width() * static_cast<int64_t>(sizeof(float));
  }

  void run_piece(const KernelRun& run, const Piece& piece, std::byte* scratch) const {
    auto* panel = reinterpret_cast<uint16_t*>(scratch);
    const float* image = run.input_floats(0) + piece.plane * p_.group_inputs() * p_.input_pixels();
    gather(image, piece.pixels, reinterpret_cast<float*>(scratch + round_up(panel_bytes(), 64)), panel);
    const int64_t pixels = p_.output_pixels(), group = piece.plane % p_.groups;
    const int64_t first = (piece.plane * p_.group_outputs()) * pixels + piece.pixels.begin;
    alignas(64) std::array<float, kDotRows * kMostDotWidth> sums;
    DotTile tile;
    tile.row_stride = row_stride() * 2;
    tile.source = reinterpret_cast<const uint8_t*>(panel);
    tile.offsets = offsets_.data(), tile.quads = pairs_;
    tile.vectors = ceil_div(piece.pixels.size(), kernel_.lanes);
    tile.sums = sums.data();
    FloatSums block;
    block.sums = sums.data(), block.columns = piece.pixels.size();
    block.clamp = p_.fusion.clamp;
    block.out_stride = block.add_row_stride = pixels;
    block.add_column_stride = 1;
    const size_t residual = p_.fusion.residual_input;
    const auto* weights =
        static_cast<const uint16_t*>(packed_->data()) + group * p_.group_outputs() * row_stride();
    const float* bias = bias_.defined() ? bias_.data<float>().data() + group * p_.group_outputs() : nullptr;
    for (int64_t channel = piece.channels.begin; channel < piece.channels.end; channel += kDotRows) {
      tile.rows = reinterpret_cast<const uint8_t*>(weights + channel * row_stride());
      tile.row_count = block.rows = std::min(kDotRows, piece.channels.end - channel);
      kernel_.run(tile);
      if (bias) block.row_add = bias + channel;
      if (residual != 0) block.add = run.input_floats(residual) + first + channel * pixels;
      block.out = run.output_floats(0) + first + channel * pixels;
      store_float_sums(block);
    }
  }

  void gather(const float* image, Interval pixels, float* floats, uint16_t* panel) const {
    const int64_t width = kernel_.width();
    for (int64_t k = 0; k < p_.k(); k += kGathered) {
      const int64_t end = std::min(p_.k(), k + kGathered);
      gather_panel(p_, image, {k, end}, pixels, width, floats);
      if (end % 2 != 0) std::fill_n(floats + (end - k) * width, width, 0.0f);
      for (int64_t row = 0; row < end - k; row += 2, panel += 2 * width)
        pair_rows(floats + row * width, floats + (row + 1) * width, width, panel);
    }
  }

  void pack_weights_of(const KernelRequest& request) {
    const Tensor& raw = *request.shapes.constants[1];
    const float* values = raw.data<float>().data();
    const int64_t rows = p_.output.channels;
    packed_ = request.weights.get(raw, "bfloat16 rows", static_cast<size_t>(rows * row_stride() / 2),
                                  [&](float* packed) {
                                    auto* to = reinterpret_cast<uint16_t*>(packed);
                                    for (int64_t row = 0; row < rows; ++row, to += row_stride())
                                      round_row(values + row * p_.k(), 1, p_.k(), 1.0f, row_stride(), to);
                                  });
  }

  ConvolutionParameters p_;
  const DotKernel& kernel_;
  int64_t pairs_;
  CountedVector<int64_t> offsets_;
  std::shared_ptr<const Buffer> packed_;
  Tensor bias_;
};

}  // namespace

std::unique_ptr<Kernel> make_bfloat16_convolution(const KernelRequest& request) {
  const DotKernel* kernel = bfloat16_dot_kernel();
  if (!kernel || !request.multiplies_bfloat16()) return nullptr;
  const auto parameters = convolution_parameters(request);
  if (!parameters || parameters->group_outputs() < kFewestChannels || parameters->k() < kFewestProducts)
    return nullptr;
  return std::make_unique<Bfloat16Convolution>(request, *parameters, *kernel);
}

}  // namespace slipway::engine
