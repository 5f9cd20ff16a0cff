// MatMul and Gemm for f32 over gemm_block: lanes run along the columns of B, rows of A are the "weights". B
// is kept as panels of columns; a constant B is packed once.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/float_product.hpp"
#include "engine/kernels/gemm_block.hpp"
#include "engine/kernels/strided_copy.hpp"
#include "engine/kernels/table.hpp"

namespace slipway::engine {
namespace {

// Multiplications that are worth a piece of work of their own, and rows to pack.
constexpr int64_t kPieceProducts = int64_t{1} << 20;
constexpr int64_t kRowsPerPiece = 8 * kChannelBlock;
// Rows for which columns are not worth packing, and how many columns are made at a time then.
constexpr int64_t kFewRows = 8;
constexpr int64_t kDirectWidth = 512;
// Columns that would leave most lanes empty, and sums for which the rows of A are worth gathering instead.
constexpr int64_t kFewColumns = 8;
constexpr int64_t kFewProducts = 64;

struct Product : FloatProduct {
  bool is_transposed = false;  // A and B are the second and the first input, the output is [n][m]
};

class MatrixProduct : public Kernel {
 public:
  MatrixProduct(const KernelRequest& request, Product product)
      : p_(std::move(product)), width_(gemm_panel_width()) {
    const Tensor* b = p_.is_transposed ? nullptr : request.shapes.constants[1];
    // A few rows do not pay for packing columns.
    is_direct_ = !b && p_.m <= kFewRows && p_.b_column == 1 && p_.n % kLanePadding == 0;
    if (is_direct_) width_ = std::min(p_.n, kDirectWidth);
    for (int64_t k = 0; k < std::min(p_.k, kSumLength); ++k)
      offsets_.push_back(k * (is_direct_ ? p_.b_row : width_));
    if (!b) return;
    const float* values = b->data<float>().data();
    matrices_ = distinct(p_.b_offsets);
    const std::string packing = "matrix/" + std::to_string(p_.b_row) + "/" + std::to_string(width_);
    packed_ = request.weights.get(
        values, packing, matrices_.size() * static_cast<size_t>(panels() * panel_floats()) + kLanePadding,
        [&](float* packed) {
          for (int64_t offset : matrices_)
            for (int64_t panel = 0; panel < panels(); ++panel, packed += panel_floats())
              pack_panel(values + offset, panel, packed);
        });
  }

  size_t scratch_bytes(int workers) const override {
    const int64_t of_rows = rows_floats() * (is_shared(workers) ? p_.batch() : workers);
    return static_cast<size_t>(of_rows + workers * worker_floats()) * sizeof(float);
  }

  // With matrices enough for all threads, each makes whole ones; else they share the panels of each.
  void run(const KernelRun& run) const override {
    if (p_.m == 0 || p_.n == 0) return;
    if (is_shared(run.pool.size())) return run_panels(run);
    const int64_t fair = ceil_div(p_.batch(), int64_t{4} * run.pool.size());
    const int64_t each = std::clamp<int64_t>(kPieceProducts / (p_.m * p_.n * p_.k), 1, fair);
    run.pool.parallel_for(static_cast<size_t>(ceil_div(p_.batch(), each)), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t begin = static_cast<int64_t>(piece) * each;
      float* rows = scratch(run) + worker * rows_floats();
      for (int64_t matrix = begin; matrix < std::min(p_.batch(), begin + each); ++matrix) {
        pack_rows(run, matrix, {0, p_.m}, rows);
        for (int64_t panel = 0; panel < panels(); ++panel) run_panel(run, matrix, panel, rows, worker);
      }
    });
  }

 private:
  static float* scratch(const KernelRun& run) { return reinterpret_cast<float*>(run.scratch); }
  bool is_shared(int threads) const { return threads > 1 && p_.batch() < 2 * threads; }
  int64_t panels() const { return ceil_div(p_.n, width_); }
  int64_t panel_floats() const { return p_.k * width_; }
  int64_t rows_floats() const { return round_up(packed_weights_size(p_.m, p_.k), 16); }
  // A panel of columns, and what is to be transposed.
  int64_t worker_floats() const {
    const int64_t panel = packed_ || is_direct_ ? 0 : panel_floats() + kLanePadding;
    return round_up(panel + (p_.is_transposed ? p_.m * width_ : 0), 16);
  }

  void run_panels(const KernelRun& run) const {
    const int64_t blocks = ceil_div(p_.m, kRowsPerPiece), batch = p_.batch();
    run.pool.parallel_for(static_cast<size_t>(batch * blocks), [&](size_t piece, int) {
      const int64_t matrix = static_cast<int64_t>(piece) / blocks,
                    block = static_cast<int64_t>(piece) % blocks;
      pack_rows(run, matrix, {block * kRowsPerPiece, std::min(p_.m, (block + 1) * kRowsPerPiece)},
                scratch(run) + matrix * rows_floats());
    });
    run.pool.parallel_for(static_cast<size_t>(batch * panels()), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t matrix = static_cast<int64_t>(piece) / panels();
      run_panel(run, matrix, static_cast<int64_t>(piece) % panels(), scratch(run) + matrix * rows_floats(),
                worker);
    });
  }

  // All rows of a matrix times the columns of a panel.
  void run_panel(const KernelRun& run, int64_t matrix, int64_t panel, const float* rows, int worker) const {
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    const int64_t shared_rows = is_shared(run.pool.size()) ? p_.batch() : run.pool.size();
    float* own = scratch(run) + shared_rows * rows_floats() + worker * worker_floats();
    const float* b = run.input_floats(p_.is_transposed ? 0 : 1) + p_.b_offsets[static_cast<size_t>(matrix)];
    const float* columns = packed_      ? packed_panel(matrix, panel)
                           : is_direct_ ? b + first
                                        : pack_panel(b, panel, own);
    float* out = run.output_floats(0) + matrix * p_.m * p_.n;
    if (p_.is_transposed) {
      float* tile = own + worker_floats() - p_.m * width_;
      multiply(rows, columns, count, tile, width_);
      return copy_floats({count, 1, p_.m}, {p_.m, width_, 1}, tile, out + first * p_.m);
    }
    if (p_.beta != 0.0f) begin_with_c(run.input(2), panel, out + first);
    multiply(rows, columns, count, out + first, p_.n);
  }

  const float* packed_panel(int64_t matrix, int64_t panel) const {
    const int64_t place = place_of(matrices_, p_.b_offsets[static_cast<size_t>(matrix)]);
    return floats_of(*packed_) + (place * panels() + panel) * panel_floats();
  }

  // Rows of a matrix, whole blocks of them, into the place that they have among all.
  void pack_rows(const KernelRun& run, int64_t matrix, ops::Interval rows, float* packed) const {
    const float* a = run.input_floats(p_.is_transposed ? 1 : 0) + p_.a_offsets[static_cast<size_t>(matrix)];
    packed += rows.begin * p_.k;
    pack_weights(a + rows.begin * p_.a_row, rows.size(), p_.k, p_.a_row, p_.a_column, packed);
    if (p_.alpha == 1.0f) return;
    for (int64_t i = 0; i < packed_weights_size(rows.size(), p_.k); ++i) packed[i] *= p_.alpha;
  }

  // Columns [panel · width, …) of B as k rows of `width_` floats, zeros beyond the last column.
  const float* pack_panel(const float* b, int64_t panel, float* packed) const {
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    if (count < width_) std::fill_n(packed, panel_floats(), 0.0f);
    copy_floats({p_.k, p_.b_row, width_}, {count, p_.b_column, 1}, b + first * p_.b_column, packed);
    return packed;
  }

  // All rows of A times the `count` columns of a panel.
  void multiply(const float* rows, const float* columns, int64_t count, float* out,
                int64_t out_stride) const {
    GemmBlock block;
    block.m = p_.m, block.n = count;
    block.weights_k = p_.k;
    block.offsets = offsets_.data();
    block.out = out, block.out_stride = out_stride;
    block.accumulate = p_.beta != 0.0f;
    for (int64_t k = 0; k == 0 || k < p_.k; k += kSumLength) {
      block.k = std::min(kSumLength, p_.k - k);
      block.weights = rows + k * kChannelBlock;
      block.source = columns + k * (is_direct_ ? p_.b_row : width_);
      if (k + kSumLength >= p_.k) block.clamp = p_.clamp;
      gemm_block(block);
      block.accumulate = true;
    }
  }

  void begin_with_c(const Tensor& c, int64_t panel, float* out) const {
    const float* values = c.data<float>().data();
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    for (int64_t i = 0; i < p_.m; ++i, out += p_.n) {
      const float* row = values + i * p_.c_row + first * p_.c_column;
      if (p_.c_column == 0)
        std::fill_n(out, count, p_.beta * row[0]);
      else
        for (int64_t j = 0; j < count; ++j) out[j] = p_.beta * row[j];
    }
  }

  Product p_;
  int64_t width_;
  bool is_direct_ = false;  // columns are read where they are
  std::vector<int64_t> offsets_;
  std::vector<int64_t> matrices_;  // where the different matrices of a constant B begin
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
