// ConvInteger and QLinearConv where every output channel reads one channel of the image: strips of a plane
// are copied with their padding and convolved as they are (depthwise_sums.hpp).
#include <algorithm>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/depthwise_sums.hpp"
#include "engine/kernels/integer_convolution_inputs.hpp"
#include "engine/kernels/quantized_operands.hpp"
#include "engine/kernels/sums_block.hpp"

namespace slipway::engine {
namespace {

// Sums of a strip: 16 KB, which stay in the L1 cache.
constexpr int64_t kStripSums = 4096;
// Outputs that are worth a piece of work of their own.
constexpr int64_t kPieceOutputs = 16384;
// More outputs than this are worth an image that is laid out for them.
constexpr int64_t kMostOutputs = 2;
// Of a strip, whatever the plane; larger planes may take a multiple of theirs.
constexpr double kMostStripBytes = 16 << 20, kMostPlanes = 4;
// Multiplications of a strip: nothing stops a run within one.
constexpr double kMostStripProducts = 1e10;

class IntegerDepthwise : public Kernel {
 public:
  IntegerDepthwise(const KernelRequest& request, const IntegerConvolutionInputs& inputs,
                   const ConvolutionParameters& parameters)
      : inputs_(inputs),
        p_(parameters),
        row_quads_(ceil_div(p_.kernel_width, 4)),
        line_(p_.output.width * p_.stride_width + 4 * row_quads_ * p_.dilation_width),
        strips_(ceil_div(p_.output.height, most_rows(p_))),
        rows_(ceil_div(p_.output.height, strips_)),
        x_change_(request.input_types[inputs.x], DataType::kUint8),
        type_(request.output_types[0]) {
    for (int64_t y = 0; y < p_.kernel_height; ++y)
      for (int64_t q = 0; q < row_quads_; ++q)
        offsets_.push_back(y * p_.dilation_height * line_ + 4 * q * p_.dilation_width);
  }

  // Whether a strip is in proportion to the plane. Files may state what overflows.
  static bool fits(const ConvolutionParameters& p) {
    const auto rows = static_cast<double>(most_rows(p)), width = static_cast<double>(p.output.width);
    const double lines = (rows - 1) * static_cast<double>(p.stride_height) + 1 +
                         static_cast<double>(p.kernel_height - 1) * static_cast<double>(p.dilation_height);
    const double line = width * static_cast<double>(p.stride_width) +
                        static_cast<double>(p.kernel_width + 4) * static_cast<double>(p.dilation_width);
    const double plane = static_cast<double>(p.input.height) * static_cast<double>(p.input.width);
    return lines * line <= std::max(kMostStripBytes, kMostPlanes * plane) &&
           rows * width * static_cast<double>(p.k()) <= kMostStripProducts;
  }

  size_t scratch_bytes(int workers) const override { return static_cast<size_t>(workers * worker_bytes()); }

  void run(const KernelRun& run) const override {
    const int64_t items = p_.batch * p_.output.channels * strips_;
    const int64_t each = std::max<int64_t>(1, kPieceOutputs / (rows_ * p_.output.width));
    run.pool.parallel_for(static_cast<size_t>(ceil_div(items, each)), [&](size_t piece, int worker) {
      const int64_t begin = static_cast<int64_t>(piece) * each;
      for (int64_t item = begin; item < std::min(items, begin + each); ++item) {
        run.cancellation.check();
        run_item(run, item, worker);
      }
    });
  }

 private:
  // Of the output, in a strip.
  static int64_t most_rows(const ConvolutionParameters& p) {
    return std::clamp<int64_t>(kStripSums / p.output.width, 1, p.output.height);
  }

  int64_t quads() const { return static_cast<int64_t>(offsets_.size()); }
  // Of the image, for some rows of output.
  int64_t lines(int64_t rows) const {
    return (rows - 1) * p_.stride_height + (p_.kernel_height - 1) * p_.dilation_height + 1;
  }
  int64_t sums_bytes() const { return round_up((rows_ * p_.output.width + kDepthwiseSlack) * 4, 64); }
  int64_t weights_bytes() const { return round_up(quads() * 8, 64); }
  int64_t strip_bytes() const { return round_up(lines(rows_) * line_ + kDepthwiseSlack, 64); }
  int64_t worker_bytes() const { return sums_bytes() + weights_bytes() + strip_bytes(); }

  // Some rows of an output channel.
  void run_item(const KernelRun& run, int64_t item, int worker) const {
    Interval rows;
    rows.begin = std::min(p_.output.height, item % strips_ * rows_);
    rows.end = std::min(p_.output.height, rows.begin + rows_);
    if (rows.size() == 0) return;
    const int64_t plane = item / strips_, channel = plane % p_.output.channels;
    auto* sums = run.scratch + worker * worker_bytes();
    auto* weights = reinterpret_cast<int16_t*>(sums + sums_bytes());
    auto* strip = reinterpret_cast<uint8_t*>(sums + sums_bytes() + weights_bytes());
    const auto padding = static_cast<uint8_t>(inputs_.x_zero_point_of(run) + x_change_.shift);
    const int64_t in_plane = plane / p_.output.channels * p_.input.channels + channel / p_.group_outputs();
    copy_strip(
        static_cast<const uint8_t*>(run.input(inputs_.x).raw()) + in_plane * p_.input.height * p_.input.width,
        rows, padding, strip);

    DepthwiseTile tile;
    tile.source = strip, tile.row_stride = p_.stride_height * line_;
    tile.offsets = offsets_.data(), tile.weights = weights, tile.quads = quads();
    tile.stride = p_.stride_width, tile.dilation = p_.dilation_width;
    tile.rows = rows.size(), tile.width = p_.output.width;
    tile.sums = reinterpret_cast<int32_t*>(sums);
    const uint32_t weight_sum = unpack_weights(run, channel, weights);
    depthwise_sums(tile);
    store(run, plane, rows, static_cast<int32_t>(-padding * weight_sum), tile.sums);
  }

  // What the rows of output read, with padding around it.
  void copy_strip(const uint8_t* plane, Interval rows, uint8_t padding, uint8_t* to) const {
    const int64_t first = rows.begin * p_.stride_height - p_.pad_top, height = lines(rows.size());
    const int64_t begin = std::clamp<int64_t>(-first, 0, height),
                  end = std::clamp<int64_t>(p_.input.height - first, begin, height);
    const int64_t before = std::min(p_.pad_left, line_);
    std::memset(to, padding, static_cast<size_t>(height * line_));
    copy_rows(plane + (first + begin) * p_.input.width, p_.input.width,
              std::min(p_.input.width, line_ - before), end - begin, x_change_.flip, line_,
              to + begin * line_ + before);
  }

  // A channel's weights as quads, without their zero point; returns their sum.
  uint32_t unpack_weights(const KernelRun& run, int64_t channel, int16_t* to) const {
    const Tensor& weights = run.input(inputs_.w);
    int32_t zero_point = 0;
    inputs_.w_zero_points_of(run, {channel, channel + 1}, &zero_point);
    std::fill_n(to, 4 * quads(), int16_t{0});
    uint32_t sum = 0;
    for (int64_t y = 0; y < p_.kernel_height; ++y)
      for (int64_t x = 0; x < p_.kernel_width; ++x) {
        const int32_t weight = byte_at(weights, channel * p_.k() + y * p_.kernel_width + x) - zero_point;
        to[y * 4 * row_quads_ + x] = static_cast<int16_t>(weight);
        sum += static_cast<uint32_t>(weight);
      }
    return sum;
  }

  void store(const KernelRun& run, int64_t plane, Interval rows, int32_t add, const int32_t* sums) const {
    const int64_t channel = plane % p_.output.channels, width = p_.output.width;
    SumsBlock block;
    block.sums = sums, block.rows = 1, block.columns = rows.size() * width;
    block.row_add = &add;
    block.type = type_;
    block.out = static_cast<std::byte*>(run.output(0).raw()) +
                (plane * p_.output.height + rows.begin) * width * bits_of(type_) / 8;
    double scale = 0;
    if (inputs_.scaled()) {
      const int32_t* bias = inputs_.bias_of(run);
      block.bias = bias ? bias + channel : nullptr;
      inputs_.scales_of(run, {channel, channel + 1}, &scale);
      block.row_scale = &scale;
      block.most = most_sum(p_);
      block.zero_point = byte_at(run.input(inputs_.out_zero_point), 0);
    }
    store_sums(block);
  }

  IntegerConvolutionInputs inputs_;
  ConvolutionParameters p_;
  int64_t row_quads_;
  int64_t line_;  // bytes of a row of input with its padding
  int64_t strips_, rows_;
  SignChange x_change_;
  DataType type_;
  CountedVector<int64_t> offsets_;
};

std::unique_ptr<Kernel> make_integer_depthwise(const KernelRequest& request,
                                               const IntegerConvolutionInputs& inputs) {
  const auto p = integer_convolution_parameters(request, inputs);
  if (!p || p->output.height * p->output.width == 0) return nullptr;
  if (p->group_inputs() != 1 || p->group_outputs() > kMostOutputs ||
      !fits_depthwise_sums(p->stride_width, p->dilation_width) || !IntegerDepthwise::fits(*p))
    return nullptr;
  return std::make_unique<IntegerDepthwise>(request, inputs, *p);
}

}  // namespace

std::unique_ptr<Kernel> make_depthwise_conv_integer(const KernelRequest& request) {
  return make_integer_depthwise(request, kConvInteger);
}

std::unique_ptr<Kernel> make_depthwise_qlinear_conv(const KernelRequest& request) {
  return make_integer_depthwise(request, kQLinearConv);
}

}  // namespace slipway::engine
