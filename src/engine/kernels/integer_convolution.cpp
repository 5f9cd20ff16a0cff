// ConvInteger and QLinearConv over dot_tile: the image is laid out as quads, strip by strip (quad_image.hpp),
// and lanes run along the outputs of a strip; rows are output channels. Inputs become unsigned and weights
// signed; sums of the weights, and of the windows where weights have a zero point, take zero points out
// again.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "engine/ceil_div.hpp"
#include "engine/kernels/dot_tile.hpp"
#include "engine/kernels/integer_convolution_inputs.hpp"
#include "engine/kernels/quad_image.hpp"
#include "engine/kernels/quantized_operands.hpp"
#include "engine/kernels/sums_block.hpp"

namespace slipway::engine {
namespace {

// Sums of a row that are made before they are stored; those of all rows are 8 or 24 KB and stay in a cache.
constexpr int64_t kColumns = 256;
// Fewer output channels than this are not worth a layout of their own.
constexpr int64_t kFewestChannels = 32;
// Of a panel of quads, which should stay in the L2 cache beside some weights.
constexpr int64_t kMostPanelBytes = int64_t{640} * 1024;
// Columns that are left over of whole vectors are multiplied along their quads, up to so many.
constexpr int64_t kMostAlong = 4;
// What adding up the lanes of such a sum takes, in multiplications of vectors, and copying one into a panel.
constexpr int64_t kAddLanes = 12, kCopyVector = 6;

// Every thread should have several strips of each group and image, but none that is only a few outputs.
int64_t most_rows(const ConvolutionParameters& p, int threads) {
  const int64_t wanted = threads == 1 ? 1 : ceil_div(int64_t{4} * threads, p.batch * p.groups);
  const int64_t most = p.output.height * p.output.width / (2 * kMostDotWidth);
  const int64_t strips = std::clamp<int64_t>(std::min(wanted, most), 1, p.output.height);
  return ceil_div(p.output.height, strips);
}

class IntegerConvolution : public Kernel {
 public:
  IntegerConvolution(const KernelRequest& request, const IntegerConvolutionInputs& inputs,
                     const ConvolutionParameters& parameters)
      : inputs_(inputs),
        p_(parameters),
        kernel_(dot_kernel()),
        image_(p_, most_rows(p_, request.threads)),
        quads_(static_cast<int64_t>(image_.offsets().size())),
        strips_(ceil_div(p_.output.height, image_.rows())),
        x_change_(request.input_types[inputs.x], DataType::kUint8),
        w_change_(request.input_types[inputs.w], DataType::kInt8),
        type_(request.output_types[0]) {
    // Each chunk of the channels lays the image out for itself: no more than make the threads' shares even.
    const int64_t pieces = pieces_without_chunks(), most = ceil_div(p_.group_outputs(), kFewestChannels);
    while (chunks_ < most && pieces * chunks_ % request.threads != 0 &&
           pieces * chunks_ < int64_t{2} * request.threads)
      ++chunks_;
    // What the sums of a tile's rows have room for, more for fewer channels than these.
    columns_ = sums_stride_ =
        kernel_.rows() * kColumns /
        std::min<int64_t>(kernel_.rows(), std::bit_ceil(static_cast<uint64_t>(p_.group_outputs())));
    choose_panels();
    pack(request.weights, *request.shapes.constants[inputs.w]);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(terms_bytes() + workers * worker_bytes());
  }

  void run(const KernelRun& run) const override {
    const ChannelTerms terms = channel_terms(run);
    const int64_t items = pieces_without_chunks() * chunks_;
    const double products = static_cast<double>(ceil_div(p_.group_outputs(), chunks_) * quads_ * 4) *
                            static_cast<double>(image_.rows() * image_.row_stride());
    const auto each =
        static_cast<int64_t>(std::max(1.0, static_cast<double>(kernel_.piece_products()) / products));
    run.pool.parallel_for(static_cast<size_t>(ceil_div(items, each)), [&](size_t piece, int worker) {
      const int64_t begin = static_cast<int64_t>(piece) * each;
      for (int64_t item = begin; item < std::min(items, begin + each); ++item)
        run_item(run, terms, item, worker);
    });
  }

 private:
  // For every output channel, see sums_block.hpp.
  struct ChannelTerms {
    int32_t *add, *factor;
    double* scale;
    const int32_t* bias = nullptr;
    bool weights_are_centred = true;  // all factors are 0
    uint8_t x_zero_point = 0;         // of the inputs as they are laid out
    int32_t out_zero_point = 0;
  };

  int64_t pieces_without_chunks() const { return p_.batch * p_.groups * strips_; }
  int64_t terms_bytes() const { return round_up(p_.output.channels * 16, 64); }
  int64_t layout_bytes() const { return image_.bytes() + image_.scratch_bytes(); }
  int64_t panel_bytes() const { return is_gathered_ ? round_up(quads_ * columns_ * 4 + 64, 64) : 0; }
  // The quads of a column, one after the other.
  int64_t line_bytes() const { return round_up(quads_ * 4, 64); }
  int64_t worker_bytes() const { return layout_bytes() + panel_bytes() + kMostAlong * line_bytes(); }
  int64_t rows_outputs(int64_t rows) const {
    return is_gathered_ ? rows * p_.output.width : (rows - 1) * image_.row_stride() + p_.output.width;
  }

  // Of some columns, how many of the last ones are multiplied along their quads.
  int64_t columns_along(int64_t count) const {
    const int64_t left = count % kernel_.lanes;
    const bool is_less = left * (quads_ / kernel_.lanes + kAddLanes) < quads_;
    return left <= kMostAlong && is_less ? left : 0;
  }
  int64_t vectors_of(int64_t count) const { return ceil_div(count - columns_along(count), kernel_.lanes); }

  // Where rows of the layout are longer than those of the output, and channels many enough to pay for it,
  // columns are gathered.
  void choose_panels() {
    if (quads_ == 0) return;
    const int64_t in_layout = vectors_of(rows_outputs(image_.rows())),
                  gathered = vectors_of(image_.rows() * p_.output.width);
    const int64_t fitting = kMostPanelBytes / (4 * quads_) / kernel_.width() * kernel_.width();
    is_gathered_ =
        (in_layout - gathered) * (p_.group_outputs() / chunks_) > gathered * kCopyVector && fitting > 0;
    if (!is_gathered_) return;
    columns_ = std::min(
        {columns_, fitting, kMostGathered, round_up(image_.rows() * p_.output.width, kernel_.lanes)});
    for (int64_t q = 0; q < quads_; ++q) panel_offsets_.push_back(q * columns_ * 4);
  }

  // Packed weights of a group: rows of quads, a row of ones, and the sums of the rows; a vector behind the
  // rows is readable.
  int64_t weight_stride() const { return quads_ * 4 + (quads_ % 128 == 0 ? 64 : 0); }
  int64_t group_bytes() const {
    return round_up((p_.group_outputs() + 1) * weight_stride() + p_.group_outputs() * 4 + 64, 64);
  }
  const uint8_t* weights_of(int64_t group) const {
    return static_cast<const uint8_t*>(packed_->data()) + group * group_bytes();
  }
  const int32_t* weight_sums_of(int64_t group) const {
    return reinterpret_cast<const int32_t*>(weights_of(group) + (p_.group_outputs() + 1) * weight_stride());
  }

  void pack(WeightStore& weights, const Tensor& raw) {
    const auto* values = static_cast<const uint8_t*>(raw.raw());
    const std::string packing =
        "convolution quads/" + std::to_string(p_.groups) + "/" + std::to_string(weight_stride());
    packed_ = weights.get(raw, packing, static_cast<size_t>(p_.groups * group_bytes() / 4), [&](float* to) {
      for (int64_t group = 0; group < p_.groups; ++group)
        pack_group(values + group * p_.group_outputs() * p_.k(),
                   reinterpret_cast<uint8_t*>(to) + group * group_bytes());
    });
  }

  void pack_group(const uint8_t* values, uint8_t* to) const {
    auto* sums = reinterpret_cast<int32_t*>(to + (p_.group_outputs() + 1) * weight_stride());
    for (int64_t m = 0; m <= p_.group_outputs(); ++m, to += weight_stride()) {
      const bool is_ones = m == p_.group_outputs();
      uint32_t sum = 0;  // wraps, as the products' do
      for (size_t i = 0; i < image_.weights().size(); ++i) {
        const int64_t place = image_.weights()[i];
        const auto byte = place < 0 ? uint8_t{0}
                          : is_ones ? uint8_t{1}
                                    : static_cast<uint8_t>(values[m * p_.k() + place] ^ w_change_.flip);
        to[i] = byte;
        sum += static_cast<uint32_t>(static_cast<int8_t>(byte));
      }
      if (!is_ones) sums[m] = static_cast<int32_t>(sum);
    }
  }

  ChannelTerms channel_terms(const KernelRun& run) const {
    ChannelTerms terms;
    terms.scale = reinterpret_cast<double*>(run.scratch);
    terms.add = reinterpret_cast<int32_t*>(terms.scale + p_.output.channels);
    terms.factor = terms.add + p_.output.channels;
    terms.x_zero_point = static_cast<uint8_t>(inputs_.x_zero_point_of(run) + x_change_.shift);
    const Interval all{0, p_.output.channels};
    inputs_.w_zero_points_of(run, all, terms.factor);
    for (int64_t m = 0; m < all.end; ++m) terms.factor[m] += w_change_.shift;
    terms.weights_are_centred =
        std::all_of(terms.factor, terms.factor + all.end, [](int32_t factor) { return factor == 0; });
    const uint32_t x = terms.x_zero_point, k = static_cast<uint32_t>(p_.k());
    for (int64_t group = 0; group < p_.groups; ++group) {
      const int32_t* sums = weight_sums_of(group);
      const int64_t first = group * p_.group_outputs();
      for (int64_t m = 0; m < p_.group_outputs(); ++m)
        terms.add[first + m] = static_cast<int32_t>(
            x * (k * static_cast<uint32_t>(terms.factor[first + m]) - static_cast<uint32_t>(sums[m])));
    }
    if (!inputs_.scaled()) return terms;
    inputs_.scales_of(run, all, terms.scale);
    terms.bias = inputs_.bias_of(run);
    terms.out_zero_point = byte_at(run.input(inputs_.out_zero_point), 0);
    return terms;
  }

  // Some output channels of a group, and some rows of an image.
  struct Piece {
    int64_t image, group;
    Interval channels;  // of the group
    Interval rows;
  };

  void run_item(const KernelRun& run, const ChannelTerms& terms, int64_t item, int worker) const {
    const int64_t chunk_size = round_up(ceil_div(p_.group_outputs(), chunks_), kDotRows);
    Piece piece;
    piece.channels.begin = std::min(p_.group_outputs(), item % chunks_ * chunk_size);
    piece.channels.end = std::min(p_.group_outputs(), piece.channels.begin + chunk_size);
    item /= chunks_;
    piece.rows.begin = item % strips_ * image_.rows();
    piece.rows.end = std::min(p_.output.height, piece.rows.begin + image_.rows());
    item /= strips_;
    piece.group = item % p_.groups;
    piece.image = item / p_.groups;

    auto* layout = reinterpret_cast<uint8_t*>(run.scratch) + terms_bytes() + worker * worker_bytes();
    const int64_t channel = piece.image * p_.input.channels + piece.group * p_.group_inputs();
    const auto* planes =
        static_cast<const uint8_t*>(run.input(inputs_.x).raw()) + channel * p_.input.height * p_.input.width;
    image_.lay_out(planes, piece.rows, x_change_.flip, terms.x_zero_point, layout, layout + image_.bytes());

    const int64_t outputs = rows_outputs(piece.rows.size());
    for (int64_t first = 0; first < outputs; first += columns_) {
      run.cancellation.check();
      run_columns(run, terms, piece, layout, {first, std::min(outputs, first + columns_)});
    }
  }

  // Some of the strip's outputs, numbered as they are laid out or gathered, for all channels of the piece.
  void run_columns(const KernelRun& run, const ChannelTerms& terms, const Piece& piece, uint8_t* layout,
                   Interval columns) const {
    // Any column may be the first that is read.
    alignas(64) std::array<int32_t, kWidenedDotRows * kColumns + kMostDotWidth> sums, window_sums;
    DotTile tile;
    tile.row_stride = weight_stride();
    tile.source = layout + columns.begin * 4;
    tile.offsets = image_.offsets().data();
    tile.quads = quads_;
    tile.vectors = vectors_of(columns.size());
    tile.sums_stride = sums_stride_;
    uint8_t *panel = layout + layout_bytes(), *lines = panel + panel_bytes();
    if (is_gathered_) {
      image_.gather(layout, columns, columns_ * 4, panel);
      tile.source = panel, tile.offsets = panel_offsets_.data();
    }
    const Interval along{columns.size() - columns_along(columns.size()), columns.size()};
    gather_lines(tile, along, lines);
    if (!terms.weights_are_centred) {
      tile.rows = weights_of(piece.group) + p_.group_outputs() * weight_stride();
      tile.row_count = 1;
      tile.sums = window_sums.data();
      multiply(tile, along, lines);
    }
    for (int64_t m = piece.channels.begin; m < piece.channels.end; m += kernel_.rows()) {
      tile.rows = weights_of(piece.group) + m * weight_stride();
      tile.row_count = std::min(kernel_.rows(), piece.channels.end - m);
      tile.sums = sums.data();
      multiply(tile, along, lines);
      store(run, terms, piece, m, tile.row_count, columns, sums.data(),
            terms.weights_are_centred ? nullptr : window_sums.data());
    }
  }

  void gather_lines(const DotTile& tile, Interval columns, uint8_t* lines) const {
    for (int64_t n = columns.begin; n < columns.end; ++n, lines += line_bytes()) {
      for (int64_t q = 0; q < quads_; ++q)
        std::memcpy(lines + 4 * q, tile.source + tile.offsets[q] + 4 * n, 4);
      std::memset(lines + 4 * quads_, 0, static_cast<size_t>(line_bytes() - 4 * quads_));
    }
  }

  void multiply(const DotTile& tile, Interval along, const uint8_t* lines) const {
    if (tile.vectors > 0) kernel_.run(tile);
    for (int64_t n = along.begin; n < along.end; ++n, lines += line_bytes()) {
      DotTile line = tile;
      line.source = lines;
      line.sums = static_cast<int32_t*>(tile.sums) + n;
      kernel_.run_along(line);
    }
  }

  // Stores those of the sums that belong to outputs.
  void store(const KernelRun& run, const ChannelTerms& terms, const Piece& piece, int64_t m, int64_t rows,
             Interval columns, const int32_t* sums, const int32_t* window_sums) const {
    const int64_t channel = piece.group * p_.group_outputs() + m, width = p_.output.width;
    const int64_t pixels = p_.output.height * width;
    SumsBlock block;
    block.sums_stride = sums_stride_;
    block.rows = rows;
    block.row_add = terms.add + channel;
    block.row_factor = window_sums ? terms.factor + channel : nullptr;
    block.type = type_, block.out_stride = pixels;
    block.bias = terms.bias ? terms.bias + channel : nullptr;
    block.row_scale = terms.scale + channel;
    block.most = most_sum(p_);
    block.zero_point = terms.out_zero_point;
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    const int64_t plane = (piece.image * p_.output.channels + channel) * pixels + piece.rows.begin * width;
    // Rows that touch are one long row.
    const bool touch = is_gathered_ || image_.row_stride() == width;
    const int64_t stride = touch ? columns.end : image_.row_stride(), inside = touch ? columns.end : width;
    int64_t row = columns.begin / stride, column = columns.begin % stride;
    for (int64_t at = columns.begin; at < columns.end; at += stride - column, ++row, column = 0) {
      const int64_t count = std::min(inside - column, columns.end - at);
      if (count <= 0) continue;
      block.columns = count;
      block.sums = sums + (at - columns.begin);
      block.column_factor = window_sums ? window_sums + (at - columns.begin) : nullptr;
      block.out = out + (plane + row * width + column) * bits_of(type_) / 8;
      store_sums(block);
    }
  }

  IntegerConvolutionInputs inputs_;
  ConvolutionParameters p_;
  const DotKernel& kernel_;
  QuadImage image_;
  int64_t quads_, strips_, chunks_ = 1;
  int64_t columns_ = 0, sums_stride_ = 0;  // at a time
  bool is_gathered_ = false;               // into panels
  CountedVector<int64_t> panel_offsets_;
  SignChange x_change_, w_change_;
  DataType type_;
  std::shared_ptr<const Buffer> packed_;
};

std::unique_ptr<Kernel> make_integer_convolution(const KernelRequest& request,
                                                 const IntegerConvolutionInputs& inputs) {
  const auto parameters = integer_convolution_parameters(request, inputs);
  if (!parameters || !request.shapes.constants[inputs.w] || !QuadImage::fits(*parameters)) return nullptr;
  return std::make_unique<IntegerConvolution>(request, inputs, *parameters);
}

}  // namespace

std::unique_ptr<Kernel> make_conv_integer(const KernelRequest& request) {
  return make_integer_convolution(request, kConvInteger);
}

std::unique_ptr<Kernel> make_qlinear_conv(const KernelRequest& request) {
  return make_integer_convolution(request, kQLinearConv);
}

}  // namespace slipway::engine
