// MatMulInteger and QLinearMatMul over dot_tile: lanes run along the columns of B, which is kept as panels of
// interleaved quads (a constant B is packed once); rows of A are copied, so that they are as long as whole
// quads. A becomes unsigned and B signed; sums of columns and rows take the zero points out again.
#include <algorithm>
#include <array>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/dot_tile.hpp"
#include "engine/kernels/product_shapes.hpp"
#include "engine/kernels/quantized_operands.hpp"
#include "engine/kernels/sums_block.hpp"

namespace slipway::engine {
namespace {

// Places of the operator's inputs; those of scales are QLinearMatMul's alone.
struct Inputs {
  size_t a, a_zero_point, b, b_zero_point;
  size_t a_scale = 0, b_scale = 0, out_scale = 0, out_zero_point = 0;
  bool scaled() const { return out_scale != 0; }
};
constexpr Inputs kMatMulInteger{0, 2, 1, 3};
constexpr Inputs kQLinearMatMul{0, 2, 3, 5, 1, 4, 6, 7};

// Bytes of A that are worth a piece of work of their own.
constexpr int64_t kPieceBytes = int64_t{1} << 16;
// Sums of more products than this may not fit into 32 bits.
constexpr int64_t kMostProducts = 2147483647 / (255 * 255);

class IntegerProduct : public Kernel {
 public:
  IntegerProduct(const KernelRequest& request, const Inputs& inputs, ProductShapes shapes)
      : inputs_(inputs),
        p_(std::move(shapes)),
        kernel_(dot_kernel()),
        quads_(ceil_div(p_.k, 4)),
        row_form_(kernel_.row_form(p_.m)),
        width_(std::min(kernel_.width(), round_up(p_.n, kernel_.lanes))),
        panels_(ceil_div(p_.n, width_)),
        columns_(kMostDotWidth / width_ * width_),
        pieces_(ceil_div(p_.n, columns_)),
        a_matrices_(distinct(p_.a_offsets)),
        a_change_(request.input_types[inputs.a], DataType::kUint8),
        b_change_(request.input_types[inputs.b], DataType::kInt8),
        type_(request.output_types[0]),
        ones_(static_cast<size_t>(quads_ * 4), 0) {
    std::fill_n(ones_.begin(), p_.k, uint8_t{1});
    for (int64_t q = 0; q < quads_; ++q) offsets_.push_back(q * width_ * 4);
    if (const Tensor* b = request.shapes.constants[inputs.b]) pack_constant(request.weights, *b);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(rows_bytes() + (packed_ ? 0 : workers * most_panels() * panel_bytes()));
  }

  void run(const KernelRun& run) const override {
    const Parameters parameters(*this, run);
    copy_rows(run);
    const int64_t chunks = row_chunks(run.pool.size()), items = p_.batch() * pieces_ * chunks;
    const int64_t products = ceil_div(p_.m, chunks) * p_.k * columns_;
    const int64_t each = std::max<int64_t>(1, kernel_.piece_products() / products);
    run.pool.parallel_for(static_cast<size_t>(ceil_div(items, each)), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t begin = static_cast<int64_t>(piece) * each;
      for (int64_t item = begin; item < std::min(items, begin + each); ++item)
        run_item(run, parameters, chunks, item, worker);
    });
  }

 private:
  // What a run reads of zero points and scales.
  struct Parameters {
    int32_t a_zero_point;  // of A as it is copied
    const Tensor* b_zero_points;
    int32_t b_shift;    // of B as it is packed
    bool b_is_centred;  // all its zero points are 0 then
    double a_scale = 0, out_scale = 0;
    const Tensor* b_scales = nullptr;
    int32_t out_zero_point = 0;

    Parameters(const IntegerProduct& of, const KernelRun& run)
        : a_zero_point(of.a_change_.shift),
          b_zero_points(input(run, of.inputs_.b_zero_point)),
          b_shift(of.b_change_.shift),
          b_is_centred(true) {
      if (const Tensor* tensor = input(run, of.inputs_.a_zero_point)) a_zero_point += byte_at(*tensor, 0);
      for (int64_t j = 0; j < (b_zero_points ? b_zero_points->count() : 1); ++j)
        b_is_centred = b_is_centred && b_zero_point(j) == 0;
      if (!of.inputs_.scaled()) return;
      a_scale = double{run.input_floats(of.inputs_.a_scale)[0]};
      out_scale = double{run.input_floats(of.inputs_.out_scale)[0]};
      b_scales = &run.input(of.inputs_.b_scale);
      out_zero_point = byte_at(run.input(of.inputs_.out_zero_point), 0);
    }

    static const Tensor* input(const KernelRun& run, size_t index) {
      return index < run.inputs.size() ? run.inputs[index] : nullptr;
    }
    int32_t b_zero_point(int64_t column) const {
      if (!b_zero_points) return b_shift;
      return byte_at(*b_zero_points, b_zero_points->count() == 1 ? 0 : column) + b_shift;
    }
    double scale(int64_t column) const {
      if (!b_scales) return 0;
      const auto scales = b_scales->data<float>();
      return a_scale * double{scales[scales.size() == 1 ? 0 : static_cast<size_t>(column)]} / out_scale;
    }
  };

  // Scratch: rows of A, their sums, panels of the workers. Strides do not put all rows into one cache set.
  int64_t row_stride() const {
    const int64_t bytes = quads_ * quad_bytes(row_form_);
    return bytes + (row_form_ != DotRowForm::kBytes || bytes % 512 == 0 ? 64 : 0);
  }
  int64_t row_count() const { return p_.m * static_cast<int64_t>(a_matrices_.size()); }
  int64_t sums_offset() const { return round_up(row_count() * row_stride(), 64); }
  int64_t rows_bytes() const { return sums_offset() + round_up(row_count() * 4, 64); }
  int64_t panel_bytes() const { return round_up((quads_ * 4 + 4) * width_, 64); }
  int64_t most_panels() const { return ceil_div(std::min(p_.n, columns_), width_); }

  uint8_t* rows(const KernelRun& run) const { return reinterpret_cast<uint8_t*>(run.scratch); }
  int32_t* row_sums(const KernelRun& run) const {
    return reinterpret_cast<int32_t*>(run.scratch + sums_offset());
  }

  void copy_rows(const KernelRun& run) const {
    const auto* a = static_cast<const uint8_t*>(run.input(inputs_.a).raw());
    const int64_t each = std::max<int64_t>(1, kPieceBytes / row_stride());
    run.pool.parallel_for(static_cast<size_t>(ceil_div(row_count(), each)), [&](size_t piece, int) {
      run.cancellation.check();
      const int64_t begin = static_cast<int64_t>(piece) * each;
      for (int64_t row = begin; row < std::min(row_count(), begin + each); ++row) {
        const uint8_t* from = a + a_matrices_[static_cast<size_t>(row / p_.m)] + row % p_.m * p_.k;
        row_sums(run)[row] =
            copy_quads(from, p_.k, a_change_.flip, row_form_, rows(run) + row * row_stride());
      }
    });
  }

  // Columns alone may be too few for the threads.
  int64_t row_chunks(int threads) const {
    const int64_t wanted = ceil_div(int64_t{4} * threads, p_.batch() * pieces_);
    return std::clamp<int64_t>(wanted, 1, ceil_div(p_.m, 4 * kDotRows));
  }

  void run_item(const KernelRun& run, const Parameters& parameters, int64_t chunks, int64_t item,
                int worker) const {
    const int64_t chunk = item % chunks, piece = item / chunks % pieces_, matrix = item / chunks / pieces_;
    const int64_t chunk_rows = round_up(ceil_div(p_.m, chunks), kDotRows);
    const int64_t begin = chunk * chunk_rows, end = std::min(p_.m, begin + chunk_rows);
    const ops::Interval columns{piece * columns_, std::min(p_.n, (piece + 1) * columns_)};
    const int64_t b_offset = p_.b_offsets[static_cast<size_t>(matrix)], panel = columns.begin / width_;
    if (packed_) {
      const auto* panels = static_cast<const uint8_t*>(packed_->data());
      const int64_t place = place_of(b_matrices_, b_offset) * panels_ + panel;
      return multiply(run, parameters, matrix, columns, panels + place * panel_bytes(), {begin, end});
    }
    const auto* b = static_cast<const uint8_t*>(run.input(inputs_.b).raw());
    uint8_t* packed =
        reinterpret_cast<uint8_t*>(run.scratch) + rows_bytes() + worker * most_panels() * panel_bytes();
    for (int64_t i = 0; i < ceil_div(columns.size(), width_); ++i)
      pack_panel(b + b_offset, panel + i, packed + i * panel_bytes());
    multiply(run, parameters, matrix, columns, packed, {begin, end});
  }

  // Terms of some columns, see sums_block.hpp.
  struct ColumnTerms {
    std::array<int32_t, kMostDotWidth> add{}, factor{};
    std::array<double, kMostDotWidth> scale{};
  };

  ColumnTerms column_terms(const Parameters& parameters, ops::Interval columns, const uint8_t* panels) const {
    ColumnTerms terms;
    const auto a_zero = static_cast<uint32_t>(parameters.a_zero_point), k = static_cast<uint32_t>(p_.k);
    for (int64_t first = 0; first < columns.size(); first += width_, panels += panel_bytes()) {
      const int32_t* sums = column_sums(panels);
      int32_t* add = terms.add.data() + first;
      for (int64_t i = 0; i < std::min(width_, columns.size() - first); ++i)
        add[i] = static_cast<int32_t>(0 - a_zero * static_cast<uint32_t>(sums[i]));
    }
    for (size_t j = 0; !parameters.b_is_centred && j < static_cast<size_t>(columns.size()); ++j) {
      terms.factor[j] = parameters.b_zero_point(columns.begin + static_cast<int64_t>(j));
      const uint32_t all = a_zero * k * static_cast<uint32_t>(terms.factor[j]);
      terms.add[j] = static_cast<int32_t>(static_cast<uint32_t>(terms.add[j]) + all);
    }
    for (size_t j = 0; parameters.b_scales && j < static_cast<size_t>(columns.size()); ++j)
      terms.scale[j] = parameters.scale(columns.begin + static_cast<int64_t>(j));
    return terms;
  }

  const int32_t* column_sums(const uint8_t* panel) const {
    return reinterpret_cast<const int32_t*>(panel + quads_ * 4 * width_);
  }

  // Some rows of a matrix times some columns, which begin with `panels`.
  void multiply(const KernelRun& run, const Parameters& parameters, int64_t matrix, ops::Interval columns,
                const uint8_t* panels, ops::Interval of_rows) const {
    const int64_t copied = place_of(a_matrices_, p_.a_offsets[static_cast<size_t>(matrix)]) * p_.m;
    const ColumnTerms terms = column_terms(parameters, columns, panels);
    alignas(64) std::array<int32_t, kMostDotRows * kMostDotWidth> sums;
    SumsBlock block;
    block.sums = sums.data(), block.sums_stride = kMostDotWidth;
    block.columns = columns.size();
    block.column_add = terms.add.data();
    block.column_factor = parameters.b_is_centred ? nullptr : terms.factor.data();
    block.type = type_, block.out_stride = p_.n;
    block.column_scale = terms.scale.data();
    block.zero_point = parameters.out_zero_point;
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    const int64_t most_rows = kernel_.rows(row_form_);
    for (int64_t row = of_rows.begin; row < of_rows.end; row += most_rows) {
      block.rows = std::min(most_rows, of_rows.end - row);
      for (int64_t n = 0; n < columns.size(); n += width_) {
        DotTile tile = tile_of(panels + n / width_ * panel_bytes(), sums.data() + n);
        tile.vectors = ceil_div(std::min(width_, columns.size() - n), kernel_.lanes);
        tile.rows = rows(run) + (copied + row) * row_stride(), tile.row_form = row_form_;
        tile.row_count = block.rows;
        kernel_.run(tile);
      }
      block.row_factor = parameters.b_is_centred ? nullptr : row_sums(run) + copied + row;
      block.out = out + ((matrix * p_.m + row) * p_.n + columns.begin) * bits_of(type_) / 8;
      store_sums(block);
    }
  }

  DotTile tile_of(const uint8_t* panel, int32_t* sums) const {
    DotTile tile;
    tile.row_stride = row_stride();
    tile.source = panel, tile.offsets = offsets_.data(), tile.quads = quads_;
    tile.lanes_signed = true;
    tile.vectors = width_ / kernel_.lanes;
    tile.sums = sums;
    return tile;
  }

  // Columns [panel · width, …) of B as signed quads, and behind them their sums: products with ones.
  void pack_panel(const uint8_t* b, int64_t panel, uint8_t* to) const {
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    for (int64_t q = 0; q < quads_; ++q) {
      // Beyond the last row anything may stand: rows of A are 0 there.
      const auto row = [&](int64_t i) { return b + std::min(4 * q + i, p_.k - 1) * p_.n + first; };
      uint8_t* quads = to + q * width_ * 4;
      interleave_quads({row(0), row(1), row(2), row(3)}, count, b_change_.flip, quads);
      std::fill(quads + count * 4, quads + width_ * 4, uint8_t{0});
    }
    DotTile tile = tile_of(to, reinterpret_cast<int32_t*>(to + quads_ * 4 * width_));
    tile.rows = ones_.data();
    tile.row_count = 1;
    kernel_.run(tile);
  }

  void pack_constant(WeightStore& weights, const Tensor& b) {
    b_matrices_ = distinct(p_.b_offsets);
    const auto* values = static_cast<const uint8_t*>(b.raw());
    const std::string packing = "quads/" + std::to_string(p_.n) + "/" + std::to_string(width_);
    const int64_t floats = static_cast<int64_t>(b_matrices_.size()) * panels_ * panel_bytes() / 4;
    packed_ = weights.get(b, packing, static_cast<size_t>(floats), [&](float* packed) {
      auto* to = reinterpret_cast<uint8_t*>(packed);
      for (int64_t offset : b_matrices_)
        for (int64_t panel = 0; panel < panels_; ++panel, to += panel_bytes())
          pack_panel(values + offset, panel, to);
    });
  }

  Inputs inputs_;
  ProductShapes p_;
  const DotKernel& kernel_;
  int64_t quads_;
  DotRowForm row_form_;  // of A as it is copied
  int64_t width_;        // of a panel, in columns
  int64_t panels_;
  int64_t columns_;                    // that are stored at a time
  int64_t pieces_;                     // of so many columns
  CountedVector<int64_t> a_matrices_;  // where the different matrices of A begin
  SignChange a_change_, b_change_;
  DataType type_;
  CountedVector<uint8_t> ones_;  // a row of them
  CountedVector<int64_t> offsets_;
  CountedVector<int64_t> b_matrices_;  // where those of a constant B begin
  std::shared_ptr<const Buffer> packed_;
};

bool is_one_number(const KernelRequest& request, size_t input) {
  return input >= request.shapes.inputs.size() || element_count(request.shapes.inputs[input]) == 1;
}

// One number, or one for each column.
bool is_of_columns(const KernelRequest& request, size_t input, int64_t columns) {
  return is_one_number(request, input) || request.shapes.inputs[input] == Dims{columns};
}

std::unique_ptr<Kernel> make_integer_product(const KernelRequest& request, const Inputs& inputs) {
  const Dims &a = request.shapes.inputs[inputs.a], &b = request.shapes.inputs[inputs.b];
  if (!is_byte(request.input_types[inputs.a]) || !is_byte(request.input_types[inputs.b])) return nullptr;
  if (a.empty() || b.empty()) return nullptr;
  ProductShapes shapes = product_shapes(a, b, request.shapes.outputs[0]);
  if (!is_one_number(request, inputs.a_zero_point) || !is_of_columns(request, inputs.b_zero_point, shapes.n))
    return nullptr;
  if (inputs.scaled()) {
    if (shapes.k > kMostProducts || !is_byte(request.output_types[0])) return nullptr;
    for (size_t scale : {inputs.a_scale, inputs.b_scale, inputs.out_scale})
      if (request.input_types[scale] != DataType::kFloat) return nullptr;
    for (size_t input : {inputs.a_scale, inputs.out_scale, inputs.out_zero_point})
      if (!is_one_number(request, input)) return nullptr;
    if (!is_of_columns(request, inputs.b_scale, shapes.n)) return nullptr;
  }
  return std::make_unique<IntegerProduct>(request, inputs, std::move(shapes));
}

}  // namespace

std::unique_ptr<Kernel> make_mat_mul_integer(const KernelRequest& request) {
  return make_integer_product(request, kMatMulInteger);
}

std::unique_ptr<Kernel> make_qlinear_mat_mul(const KernelRequest& request) {
  return make_integer_product(request, kQLinearMatMul);
}

}  // namespace slipway::engine
