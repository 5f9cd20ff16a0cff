// MatMul and Gemm for f32 over gemm_block: lanes run along the columns of B, rows of A are the "weights". B
// is kept as panels of columns; a constant B is packed once. Small matrices are multiplied where they are.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/float_product.hpp"
#include "engine/kernels/gemm_block.hpp"
#include "engine/kernels/row_product.hpp"
#include "engine/kernels/strided_copy.hpp"
#include "engine/kernels/table.hpp"

namespace slipway::engine {
namespace {

// Multiplications that are worth a piece of work of their own, and rows to pack.
constexpr int64_t kPieceProducts = int64_t{1} << 20;
// Multiplications between two looks at whether the run was cancelled.
constexpr int64_t kProductsPerLook = int64_t{1} << 30;
constexpr int64_t kRowsPerPiece = 8 * kChannelBlock;
constexpr int64_t kPiecesPerThread = 4;
// Packing a panel takes little of the time that it takes to multiply it with so many rows.
constexpr int64_t kRowsPerPacking = 128;
// Columns are not worth packing for few rows, nor is a matrix of which half an L2 cache is enough; how many
// columns are made at a time for few rows.
constexpr int64_t kFewRows = 8;
constexpr int64_t kSmallMatrix = 131072;
constexpr int64_t kDirectWidth = 512;
// Otherwise, what is read where it is should stay in the L1 cache: the more columns at a time, the longer the
// pieces of rows that are written.
constexpr int64_t kDirectFloats = 5120;
// Columns that would leave most lanes empty, and sums for which the rows of A are worth gathering instead.
constexpr int64_t kFewColumns = 8;
constexpr int64_t kFewProducts = 64;
// Those sums are short: panels of so many widths keep the calls few.
constexpr int64_t kWidthsOfTransposed = 4;
// Panels at a time for one row.
constexpr int64_t kStreamsOfRow = 2;
// Floats of B, a part of the sums deep, that leave the L2 cache room for what passes by.
constexpr int64_t kGroupFloats = 32768;

struct Product : FloatProduct {
  bool is_transposed = false;  // A and B are the second and the first input, the output is [n][m]
};

class MatrixProduct : public Kernel {
 public:
  MatrixProduct(const KernelRequest& request, Product product)
      : p_(std::move(product)),
        width_(std::min(gemm_panel_width(), round_up(p_.n, kLanePadding))),
        packed_width_(width_),
        whole_(p_.n) {
    const Tensor* b = p_.is_transposed ? nullptr : request.shapes.constants[1];
    const bool has_few_rows = p_.m <= kFewRows, is_small = p_.k * p_.n <= kSmallMatrix;
    is_direct_ = !b && p_.b_column == 1 && (has_few_rows || is_small);
    if (is_direct_) packed_width_ = kLanePadding, whole_ = p_.n / kLanePadding * kLanePadding;
    overlaps_ = is_direct_ && whole_ > 0 && !is_shared(request.threads);
    if (is_direct_)
      width_ = has_few_rows
                   ? kDirectWidth
                   : width_ * std::max<int64_t>(1, kDirectFloats / (width_ * std::max<int64_t>(1, p_.k)));
    if (p_.is_transposed) packed_width_ = width_ *= kWidthsOfTransposed;
    // Rows that lie one after the other are read in as many streams as a tile has rows. Those that lie side
    // by side are read across all of A, which a cache has to hold.
    has_rows_in_place_ =
        p_.alpha == 1.0f && (p_.a_column == 1 || (p_.a_row == 1 && p_.m * p_.k <= kSmallMatrix));
    for (int64_t k = 0; k < std::min(p_.k, kSumLength); ++k) {
      offsets_.push_back(k * p_.b_row);
      packed_offsets_.push_back(k * packed_width_);
    }
    // One row waits for B, of which row_product.hpp reads several panels at a time.
    is_row_ = b && p_.m == 1 && has_rows_in_place_ && p_.a_column == 1 && p_.clamp.is_open();
    group_size_ = is_row_ ? kStreamsOfRow : panels_of_group(b != nullptr);
    if (!b) return;
    const float* values = b->data<float>().data();
    matrices_ = distinct(p_.b_offsets);
    const std::string packing = "matrix/" + p_.packing_of_b() + "/" + std::to_string(width_);
    packed_ = request.weights.get(
        *b, packing, matrices_.size() * static_cast<size_t>(panels() * panel_floats()) + kLanePadding,
        [&](float* packed) {
          for (int64_t offset : matrices_)
            for (int64_t panel = 0; panel < panels(); ++panel, packed += panel_floats())
              pack_panel(values + offset, columns_of(panel), packed);
        });
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(bias_floats() + shared_floats(workers) + workers * worker_floats()) *
           sizeof(float);
  }

  // With matrices enough for all threads, each makes whole ones; else they share the panels of each.
  void run(const KernelRun& run) const override {
    if (p_.m == 0 || p_.n == 0) return;
    if (has_column_bias()) begin_with_c(run.input(2), {0, 1}, {0, p_.n}, bias(run));
    if (is_shared(run.pool.size()) && !overlaps_) return run_panels(run);
    const int64_t fair = ceil_div(p_.batch(), int64_t{4} * run.pool.size());
    const int64_t each =
        std::clamp<int64_t>(kPieceProducts / std::max<int64_t>(1, p_.m * p_.n * p_.k), 1, fair);
    run.pool.parallel_for(static_cast<size_t>(ceil_div(p_.batch(), each)), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t begin = static_cast<int64_t>(piece) * each;
      float* rows = scratch(run) + worker * rows_floats();
      for (int64_t matrix = begin; matrix < std::min(p_.batch(), begin + each); ++matrix) {
        pack_rows(run, matrix, {0, p_.m}, rows);
        for (int64_t group = 0; group < groups(); ++group)
          for (int64_t first = 0; first < p_.m; first += rows_per_look()) {
            run.cancellation.check();
            run_group(run, {matrix, group, {first, std::min(p_.m, first + rows_per_look())}}, rows, worker);
          }
      }
    });
  }

 private:
  // The rows of a matrix that meet the columns of a group of panels.
  struct Piece {
    int64_t matrix, group;
    ops::Interval rows;
  };

  // Of C, where it is the same for all rows: beta times it, and room behind it.
  bool has_column_bias() const { return p_.beta != 0.0f && p_.c_row == 0; }
  int64_t bias_floats() const {
    return has_column_bias() ? round_up(round_up(p_.n, width_) + kLanePadding, 16) : 0;
  }
  static float* bias(const KernelRun& run) { return reinterpret_cast<float*>(run.scratch); }
  float* scratch(const KernelRun& run) const { return bias(run) + bias_floats(); }
  bool is_shared(int threads) const { return threads > 1 && p_.batch() < int64_t{2} * threads; }
  // Panels of `width_` columns, and one of those that cannot be read in place.
  int64_t panels() const { return ceil_div(whole_, width_) + (whole_ < p_.n ? 1 : 0); }
  ops::Interval columns_of(int64_t panel) const {
    const int64_t begin = std::min(panel * width_, whole_);
    if (begin < whole_) return {begin, std::min(begin + width_, whole_)};
    return {overlaps_ ? p_.n - kLanePadding : begin, p_.n};
  }
  int64_t panel_floats() const { return p_.k * packed_width_; }
  // Rows of A, unless they are few, meet several panels while they are in the cache; those that lie side by
  // side would take much of it.
  int64_t panels_of_group(bool are_packed_once) const {
    if (is_direct_ || p_.is_transposed || p_.m <= kFewRows || (has_rows_in_place_ && p_.a_column != 1))
      return 1;
    const int64_t k = std::max<int64_t>(1, p_.k);
    const int64_t fitting = kGroupFloats / (width_ * std::min(k, kSumLength));
    // Those that a worker packs should not take much memory.
    return std::max<int64_t>(1, are_packed_once ? fitting : std::min(fitting, kSmallMatrix / (width_ * k)));
  }
  int64_t groups() const { return ceil_div(panels(), group_size_); }
  ops::Interval columns_of_group(int64_t group) const {
    const int64_t first = group * group_size_, last = std::min(panels(), first + group_size_) - 1;
    return {columns_of(first).begin, columns_of(last).end};
  }
  int64_t rows_floats() const {
    return has_rows_in_place_ ? 0 : round_up(packed_weights_size(p_.m, p_.k), 16);
  }
  int64_t shared_floats(int threads) const {
    return rows_floats() * (is_shared(threads) && !overlaps_ ? p_.batch() : threads);
  }
  // A panel of columns, and what is to be transposed.
  int64_t worker_floats() const {
    const bool packs = !packed_ && (!is_direct_ || (whole_ < p_.n && !overlaps_));
    return round_up(
        (packs ? group_size_ * panel_floats() + kLanePadding : 0) + (p_.is_transposed ? p_.m * width_ : 0),
        16);
  }

  void run_panels(const KernelRun& run) const {
    const int64_t blocks = ceil_div(p_.m, kRowsPerPiece), batch = p_.batch();
    if (!has_rows_in_place_)
      run.pool.parallel_for(static_cast<size_t>(batch * blocks), [&](size_t piece, int) {
        const int64_t matrix = static_cast<int64_t>(piece) / blocks,
                      block = static_cast<int64_t>(piece) % blocks;
        pack_rows(run, matrix, {block * kRowsPerPiece, std::min(p_.m, (block + 1) * kRowsPerPiece)},
                  scratch(run) + matrix * rows_floats());
      });
    const int64_t chunk = std::min(rows_per_piece(run.pool.size()), rows_per_look()),
                  chunks = ceil_div(p_.m, chunk);
    run.pool.parallel_for(static_cast<size_t>(batch * groups() * chunks), [&](size_t index, int worker) {
      run.cancellation.check();
      const int64_t first = static_cast<int64_t>(index) % chunks * chunk;
      const int64_t group = static_cast<int64_t>(index) / chunks;
      const int64_t matrix = group / groups();
      run_group(run, {matrix, group % groups(), {first, std::min(p_.m, first + chunk)}},
                scratch(run) + matrix * rows_floats(), worker);
    });
  }

  // Groups alone seldom come out even, so their rows are shared, too; where each piece packs its panel, many
  // rows at a time.
  int64_t rows_per_piece(int threads) const {
    const bool packs = !packed_ && !is_direct_;
    const int64_t pieces = (packs ? 2 : 1) * kPiecesPerThread * threads;
    const int64_t wanted = ceil_div(pieces, p_.batch() * groups());
    const int64_t rows = round_up(ceil_div(p_.m, wanted), kChannelBlock);
    return packs ? std::clamp(rows, std::min(p_.m, kRowsPerPacking), p_.m) : rows;
  }

  // So many that whoever cancels need not wait long.
  int64_t rows_per_look() const {
    const int64_t products = group_size_ * width_ * std::max<int64_t>(1, p_.k);
    return round_up(std::max<int64_t>(1, kProductsPerLook / products), kChannelBlock);
  }

  // Some rows of a matrix times the columns of a group; `rows` are the packed ones.
  void run_group(const KernelRun& run, const Piece& piece, const float* rows, int worker) const {
    const ops::Interval columns = columns_of_group(piece.group);
    float* own = scratch(run) + shared_floats(run.pool.size()) + worker * worker_floats();
    const float* b =
        run.input_floats(p_.is_transposed ? 0 : 1) + p_.b_offsets[static_cast<size_t>(piece.matrix)];
    const bool in_place = is_direct_ && (columns.begin < whole_ || overlaps_);
    GemmBlock block;
    block.m = piece.rows.size(), block.n = columns.size();
    block.weights = rows + piece.rows.begin * p_.k, block.weights_k = p_.k;
    if (has_rows_in_place_) {
      block.weights = a_of(run, piece.matrix) + piece.rows.begin * p_.a_row;
      block.weights_row = p_.a_row, block.weights_step = p_.a_column;
    }
    block.source = packed_    ? packed_panels(piece)
                   : in_place ? b + columns.begin
                              : pack_group(b, piece.group, own);
    block.offsets = in_place ? offsets_.data() : packed_offsets_.data();
    if (!in_place) block.panel = packed_width_, block.panel_stride = panel_floats();
    if (has_column_bias()) block.pixel_bias = bias(run) + columns.begin;
    block.accumulate = p_.beta != 0.0f && !has_column_bias();
    float* out = run.output_floats(0) + piece.matrix * p_.m * p_.n;
    if (p_.is_transposed) {
      block.out = own + worker_floats() - p_.m * width_, block.out_stride = width_;
      multiply(block);
      return copy_floats({columns.size(), 1, p_.m}, {block.m, width_, 1}, block.out,
                         out + columns.begin * p_.m + piece.rows.begin);
    }
    block.out = out + piece.rows.begin * p_.n + columns.begin, block.out_stride = p_.n;
    if (block.accumulate) begin_with_c(run.input(2), piece.rows, columns, block.out);
    multiply(block);
  }

  const float* a_of(const KernelRun& run, int64_t matrix) const {
    return run.input_floats(p_.is_transposed ? 1 : 0) + p_.a_offsets[static_cast<size_t>(matrix)];
  }

  const float* packed_panels(const Piece& piece) const {
    const int64_t place = place_of(matrices_, p_.b_offsets[static_cast<size_t>(piece.matrix)]);
    return floats_of(*packed_) + (place * panels() + piece.group * group_size_) * panel_floats();
  }

  // Rows of a matrix, whole blocks of them, into the place that they have among all.
  void pack_rows(const KernelRun& run, int64_t matrix, ops::Interval rows, float* packed) const {
    if (has_rows_in_place_) return;
    packed += rows.begin * p_.k;
    pack_weights(a_of(run, matrix) + rows.begin * p_.a_row, rows.size(), p_.k, p_.a_row, p_.a_column, packed);
    if (p_.alpha == 1.0f) return;
    for (int64_t i = 0; i < packed_weights_size(rows.size(), p_.k); ++i) packed[i] *= p_.alpha;
  }

  const float* pack_group(const float* b, int64_t group, float* packed) const {
    const int64_t first = group * group_size_, end = std::min(panels(), first + group_size_);
    for (int64_t panel = first; panel < end; ++panel)
      pack_panel(b, columns_of(panel), packed + (panel - first) * panel_floats());
    return packed;
  }

  // Columns of B as k rows of `packed_width_` floats, zeros beyond the last column.
  void pack_panel(const float* b, ops::Interval columns, float* packed) const {
    const int64_t count = columns.size();
    if (count < packed_width_) std::fill_n(packed, panel_floats(), 0.0f);
    copy_floats({p_.k, p_.b_row, packed_width_}, {count, p_.b_column, 1}, b + columns.begin * p_.b_column,
                packed);
  }

  // By parts of the sums.
  void multiply(GemmBlock& block) const {
    if (is_row_) return multiply_row(block);
    const float *weights = block.weights, *source = block.source;
    const int64_t step = block.weights_row != 0 ? block.weights_step : kChannelBlock;
    const int64_t source_step = block.offsets == offsets_.data() ? p_.b_row : packed_width_;
    for (int64_t k = 0; k == 0 || k < p_.k; k += kSumLength) {
      block.k = std::min(kSumLength, p_.k - k);
      block.weights = weights + k * step;
      block.source = source + k * source_step;
      if (k + kSumLength >= p_.k) block.clamp = p_.clamp;
      gemm_block(block);
      block.accumulate = true;
    }
  }

  void multiply_row(const GemmBlock& block) const {
    RowProduct product;
    product.row_stride = packed_width_, product.panel_stride = panel_floats();
    product.vectors = static_cast<int>(width_ / row_product_lanes());
    product.last_panel = ceil_div(block.n, width_), product.columns = block.n;
    product.bias = block.pixel_bias;
    for (int64_t k = 0; k == 0 || k < p_.k; k += kSumLength) {
      product.depth = std::min(kSumLength, p_.k - k);
      product.matrix = block.source + k * packed_width_;
      const float* row = block.weights + k;
      multiply_rows(product, &row, &block.out, 1);
      product.accumulate = true;
    }
  }

  void begin_with_c(const Tensor& c, ops::Interval rows, ops::Interval columns, float* out) const {
    const float* values = c.data<float>().data();
    for (int64_t i = rows.begin; i < rows.end; ++i, out += p_.n) {
      const float* row = values + i * p_.c_row + columns.begin * p_.c_column;
      if (p_.c_column == 0)
        std::fill_n(out, columns.size(), p_.beta * row[0]);
      else
        for (int64_t j = 0; j < columns.size(); ++j) out[j] = p_.beta * row[j];
    }
  }

  Product p_;
  int64_t width_;           // of a panel of columns
  int64_t packed_width_;    // of one that is packed
  int64_t whole_;           // columns in panels of width_
  bool is_direct_ = false;  // those are read where they are
  // What is left of the columns begins within those panels: where one thread makes a whole matrix, it may
  // make some of them twice.
  bool overlaps_ = false;
  bool has_rows_in_place_ = false;
  bool is_row_ = false;
  int64_t group_size_ = 1;  // panels that rows of A meet together
  // Steps from row to row of B, and of a panel that is packed.
  CountedVector<int64_t> offsets_, packed_offsets_;
  CountedVector<int64_t> matrices_;  // where the different matrices of a constant B begin
  std::shared_ptr<const Buffer> packed_;
};

// Few columns leave most lanes empty: Bᵀ · Aᵀ has them along the rows of A.
Product transposed(const Product& p) {
  Product result = p;
  result.is_transposed = true;
  std::swap(result.m, result.n);
  std::swap(result.a_offsets, result.b_offsets);
  result.a_row = p.b_column, result.a_column = p.b_row;
  result.b_row = p.a_column, result.b_column = p.a_row;
  return result;
}

}  // namespace

std::unique_ptr<Kernel> make_float_product(const KernelRequest& request) {
  const auto wanted = float_product(request);
  if (!wanted) return nullptr;
  Product p{*wanted};
  if (p.beta == 0.0f && p.n <= kFewColumns && p.k <= kFewProducts && p.m > 4 * p.n) p = transposed(p);
  return std::make_unique<MatrixProduct>(request, std::move(p));
}

}  // namespace slipway::engine
