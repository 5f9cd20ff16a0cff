// MatMul and Gemm whose operands may be rounded to bf16 (ops/private_attributes.hpp), over bfloat16_dot.hpp:
// lanes run along the columns of B, which is kept as panels of interleaved pairs (a constant B is packed
// once); rows of A are rounded in each run.
#include <algorithm>
#include <array>

#include "engine/ceil_div.hpp"
#include "engine/kernels/bfloat16_dot.hpp"
#include "engine/kernels/float_product.hpp"
#include "engine/kernels/table.hpp"

namespace slipway::engine {
namespace {

// Products with fewer rows are as long as it takes to read B: rounding A and starting tiles only adds to it.
constexpr int64_t kFewestRows = 4;

class Bfloat16Product : public Kernel {
 public:
  Bfloat16Product(const KernelRequest& request, FloatProduct product, const DotKernel& kernel)
      : p_(std::move(product)),
        kernel_(kernel),
        a_matrices_(distinct(p_.a_offsets)),
        pairs_(ceil_div(p_.k, 2)),
        panels_(ceil_div(p_.n, kernel.width())) {
    for (int64_t pair = 0; pair < pairs_; ++pair) offsets_.push_back(pair * kernel_.width() * 4);
    if (const Tensor* b = request.shapes.constants[1]) pack_constant(request.weights, *b);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(rows_size() + workers * (pair_size() + (packed_ ? 0 : panel_size()))) *
           sizeof(uint16_t);
  }

  void run(const KernelRun& run) const override {
    auto* rows = reinterpret_cast<uint16_t*>(run.scratch);
    round_rows(run, rows);
    run.pool.parallel_for(static_cast<size_t>(p_.batch() * panels_), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t matrix = static_cast<int64_t>(piece) / panels_,
                    panel = static_cast<int64_t>(piece) % panels_;
      const int64_t a = place_of(a_matrices_, p_.a_offsets[static_cast<size_t>(matrix)]);
      multiply(run, matrix, panel, rows + a * p_.m * row_stride(), columns(run, matrix, panel, worker));
    });
  }

 private:
  // In bf16. Strides do not put all rows into one cache set.
  int64_t row_stride() const { return pairs_ * 2 + (pairs_ % 256 == 0 ? 32 : 0); }
  int64_t row_count() const { return p_.m * static_cast<int64_t>(a_matrices_.size()); }
  int64_t rows_size() const { return round_up(row_count() * row_stride(), 32); }
  int64_t panel_size() const { return pairs_ * kernel_.width() * 2; }
  // Two rows of B side by side, for where its columns are not neighbours: floats.
  int64_t pair_size() const { return int64_t{2} * 2 * kMostDotWidth; }

  void round_rows(const KernelRun& run, uint16_t* rows) const {
    const float* a = run.input_floats(0);
    run.pool.parallel_for(static_cast<size_t>(row_count()), [&](size_t index, int) {
      const int64_t row = static_cast<int64_t>(index) % p_.m;
      const float* from = a + a_matrices_[index / static_cast<size_t>(p_.m)] + row * p_.a_row;
      round_row(from, p_.a_column, p_.k, p_.alpha, pairs_ * 2,
                rows + static_cast<int64_t>(index) * row_stride());
    });
  }

  const uint16_t* columns(const KernelRun& run, int64_t matrix, int64_t panel, int worker) const {
    const int64_t b_offset = p_.b_offsets[static_cast<size_t>(matrix)];
    if (packed_)
      return static_cast<const uint16_t*>(packed_->data()) +
             (place_of(b_matrices_, b_offset) * panels_ + panel) * panel_size();
    auto* scratch =
        reinterpret_cast<uint16_t*>(run.scratch) + rows_size() + worker * (pair_size() + panel_size());
    pack_panel(run.input_floats(1) + b_offset, panel, reinterpret_cast<float*>(scratch),
               scratch + pair_size());
    return scratch + pair_size();
  }

  // Columns [panel · width, …) of B as pairs, with zeros behind the last row and column. `apart` has room for
  // two rows.
  void pack_panel(const float* b, int64_t panel, float* apart, uint16_t* to) const {
    const int64_t width = kernel_.width(), first = panel * width, count = std::min(width, p_.n - first);
    for (int64_t pair = 0; pair < pairs_; ++pair, to += 2 * width) {
      std::array<const float*, 2> rows{};
      for (int64_t i = 0; i < 2; ++i) {
        const int64_t k = 2 * pair + i;
        float* copy = apart + i * kMostDotWidth;
        const float* from = b + k * p_.b_row + first * p_.b_column;
        rows[static_cast<size_t>(i)] = k < p_.k && p_.b_column == 1 ? from : copy;
        if (rows[static_cast<size_t>(i)] == copy)
          for (int64_t j = 0; j < count; ++j) copy[j] = k < p_.k ? from[j * p_.b_column] : 0.0f;
      }
      pair_rows(rows[0], rows[1], count, to);
      std::fill(to + 2 * count, to + 2 * width, uint16_t{0});
    }
  }

  void multiply(const KernelRun& run, int64_t matrix, int64_t panel, const uint16_t* rows,
                const uint16_t* panel_columns) const {
    const int64_t first = panel * kernel_.width(), count = std::min(kernel_.width(), p_.n - first);
    alignas(64) std::array<float, kDotRows * kMostDotWidth> sums;
    DotTile tile;
    tile.row_stride = row_stride() * 2;
    tile.source = reinterpret_cast<const uint8_t*>(panel_columns);
    tile.offsets = offsets_.data(), tile.quads = pairs_;
    tile.vectors = ceil_div(count, kernel_.lanes);
    tile.sums = sums.data();
    FloatSums block;
    block.sums = sums.data(), block.columns = count;
    block.clamp = p_.clamp;
    block.out_stride = p_.n;
    const float* c = p_.beta != 0.0f ? run.input_floats(2) : nullptr;
    block.factor = p_.beta, block.add_row_stride = p_.c_row, block.add_column_stride = p_.c_column;
    for (int64_t row = 0; row < p_.m; row += kDotRows) {
      tile.rows = reinterpret_cast<const uint8_t*>(rows + row * row_stride());
      tile.row_count = block.rows = std::min(kDotRows, p_.m - row);
      kernel_.run(tile);
      if (c) block.add = c + row * p_.c_row + first * p_.c_column;
      block.out = run.output_floats(0) + (matrix * p_.m + row) * p_.n + first;
      store_float_sums(block);
    }
  }

  void pack_constant(WeightStore& weights, const Tensor& b) {
    b_matrices_ = distinct(p_.b_offsets);
    const float* values = b.data<float>().data();
    const std::string packing = "pairs/" + p_.packing_of_b() + "/" + std::to_string(kernel_.width());
    const int64_t floats = static_cast<int64_t>(b_matrices_.size()) * panels_ * panel_size() / 2;
    packed_ = weights.get(b, packing, static_cast<size_t>(floats), [&](float* packed) {
      std::array<float, 2 * kMostDotWidth> apart;
      auto* to = reinterpret_cast<uint16_t*>(packed);
      for (int64_t offset : b_matrices_)
        for (int64_t panel = 0; panel < panels_; ++panel, to += panel_size())
          pack_panel(values + offset, panel, apart.data(), to);
    });
  }

  FloatProduct p_;
  const DotKernel& kernel_;
  CountedVector<int64_t> a_matrices_;  // where the different matrices of A begin
  int64_t pairs_, panels_;
  CountedVector<int64_t> offsets_;
  CountedVector<int64_t> b_matrices_;  // and of a constant B
  std::shared_ptr<const Buffer> packed_;
};

}  // namespace

std::unique_ptr<Kernel> make_bfloat16_product(const KernelRequest& request) {
  const DotKernel* kernel = bfloat16_dot_kernel();
  if (!kernel || !request.multiplies_bfloat16()) return nullptr;
  auto product = float_product(request);
  if (!product || product->m < kFewestRows) return nullptr;
  return std::make_unique<Bfloat16Product>(request, std::move(*product), *kernel);
}

}  // namespace slipway::engine
