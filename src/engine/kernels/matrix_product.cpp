// MatMul and Gemm for f32 over gemm_block: lanes run along the columns of B, rows of A are the "weights". B
// is kept as panels of columns; a constant B is packed once.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/gemm_block.hpp"
#include "engine/kernels/product_shapes.hpp"
#include "engine/kernels/table.hpp"

namespace slipway::engine {
namespace {

// out[m][n] = alpha · A[m][k] · B[k][n] (+ beta · C), for every matrix of the batch. Strides in elements.
struct Product : ProductShapes {
  int64_t a_row = 0, a_column = 0, b_row = 0, b_column = 0;
  float alpha = 1.0f, beta = 0.0f;
  Clamp clamp;
  int64_t c_row = 0, c_column = 0;  // strides of C, 0 where it is broadcast
};

class MatrixProduct : public Kernel {
 public:
  MatrixProduct(const KernelRequest& request, Product product)
      : p_(std::move(product)), width_(gemm_panel_width()) {
    for (int64_t k = 0; k < std::min(p_.k, kSumLength); ++k) offsets_.push_back(k * width_);
    const Tensor* b = request.shapes.constants[1];
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
    const int64_t panel = packed_ ? 0 : panel_floats() + kLanePadding;
    return static_cast<size_t>(packed_a_floats() + workers * panel) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    if (p_.m == 0 || p_.n == 0) return;
    const float *a = run.input_floats(0), *b = run.input_floats(1);
    auto* packed_a = reinterpret_cast<float*>(run.scratch);
    const int64_t batch = p_.batch();
    run.pool.parallel_for(static_cast<size_t>(batch), [&](size_t i, int) { pack_a(a, i, packed_a); });
    run.pool.parallel_for(static_cast<size_t>(batch * panels()), [&](size_t piece, int worker) {
      run.cancellation.check();
      const int64_t matrix = static_cast<int64_t>(piece) / panels(),
                    panel = static_cast<int64_t>(piece) % panels();
      float* out = run.output_floats(0) + matrix * p_.m * p_.n + panel * width_;
      float* scratch = packed_a + packed_a_floats() + worker * (panel_floats() + kLanePadding);
      const float* columns = packed_
                                 ? packed_panel(matrix, panel)
                                 : pack_panel(b + p_.b_offsets[static_cast<size_t>(matrix)], panel, scratch);
      if (p_.beta != 0.0f) begin_with_c(run.input(2), panel, out);
      multiply(packed_a + matrix * packed_weights_size(p_.m, p_.k), columns,
               std::min(width_, p_.n - panel * width_), out);
    });
  }

 private:
  int64_t panels() const { return ceil_div(p_.n, width_); }
  int64_t panel_floats() const { return p_.k * width_; }
  int64_t packed_a_floats() const {
    const int64_t floats = packed_weights_size(p_.m, p_.k) * static_cast<int64_t>(p_.a_offsets.size());
    return ceil_div(floats, 16) * 16;
  }

  const float* packed_panel(int64_t matrix, int64_t panel) const {
    const int64_t place = place_of(matrices_, p_.b_offsets[static_cast<size_t>(matrix)]);
    return floats_of(*packed_) + (place * panels() + panel) * panel_floats();
  }

  void pack_a(const float* a, size_t matrix, float* packed) const {
    packed += static_cast<int64_t>(matrix) * packed_weights_size(p_.m, p_.k);
    pack_weights(a + p_.a_offsets[matrix], p_.m, p_.k, p_.a_row, p_.a_column, packed);
    if (p_.alpha == 1.0f) return;
    for (int64_t i = 0; i < packed_weights_size(p_.m, p_.k); ++i) packed[i] *= p_.alpha;
  }

  // Columns [panel · width, …) of B as k rows of `width_` floats, zeros beyond the last column.
  const float* pack_panel(const float* b, int64_t panel, float* packed) const {
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    for (int64_t k = 0; k < p_.k; ++k) {
      const float* from = b + k * p_.b_row + first * p_.b_column;
      float* to = packed + k * width_;
      for (int64_t j = 0; j < count; ++j) to[j] = from[j * p_.b_column];
      std::fill(to + count, to + width_, 0.0f);
    }
    return packed;
  }

  // All rows of A times the `count` columns of a panel.
  void multiply(const float* rows, const float* columns, int64_t count, float* out) const {
    GemmBlock block;
    block.m = p_.m, block.n = count;
    block.weights_k = p_.k;
    block.offsets = offsets_.data();
    block.out = out, block.out_stride = p_.n;
    block.accumulate = p_.beta != 0.0f;
    for (int64_t k = 0; k == 0 || k < p_.k; k += kSumLength) {
      block.k = std::min(kSumLength, p_.k - k);
      block.weights = rows + k * kChannelBlock;
      block.source = columns + k * width_;
      if (k + kSumLength >= p_.k) block.clamp = p_.clamp;
      gemm_block(block);
      block.accumulate = true;
    }
  }

  void begin_with_c(const Tensor& c, int64_t panel, float* out) const {
    const float* values = c.data<float>().data();
    const int64_t first = panel * width_, count = std::min(width_, p_.n - first);
    for (int64_t i = 0; i < p_.m; ++i)
      for (int64_t j = 0; j < count; ++j)
        out[i * p_.n + j] = p_.beta * values[i * p_.c_row + (first + j) * p_.c_column];
  }

  Product p_;
  int64_t width_;
  std::vector<int64_t> offsets_;
  std::vector<int64_t> matrices_;  // where the different matrices of a constant B begin
  std::shared_ptr<const Buffer> packed_;
};

}  // namespace

std::unique_ptr<Kernel> make_mat_mul(const KernelRequest& request) {
  if (!request.is_all_float()) return nullptr;
  const Dims &a = request.shapes.inputs[0], &b = request.shapes.inputs[1];
  if (a.empty() || b.empty()) return nullptr;
  Product p;
  static_cast<ProductShapes&>(p) = product_shapes(a, b, request.shapes.outputs[0]);
  p.a_row = p.k, p.a_column = 1, p.b_row = p.n, p.b_column = 1;
  p.clamp = request.fusion.clamp;
  return std::make_unique<MatrixProduct>(request, std::move(p));
}

std::unique_ptr<Kernel> make_gemm(const KernelRequest& request) {
  if (!request.is_all_float()) return nullptr;
  const Node& node = request.node();
  const Dims &a = request.shapes.inputs[0], &out = request.shapes.outputs[0];
  const bool trans_a = node.int_attribute("transA", 0) != 0, trans_b = node.int_attribute("transB", 0) != 0;
  Product p;
  p.m = out[0], p.n = out[1], p.k = trans_a ? a[0] : a[1];
  p.a_row = trans_a ? 1 : p.k, p.a_column = trans_a ? p.m : 1;
  p.b_row = trans_b ? 1 : p.n, p.b_column = trans_b ? p.k : 1;
  p.alpha = node.float_attribute("alpha", 1.0f);
  p.clamp = request.fusion.clamp;
  if (node.input(2)) {
    const Dims& c = request.shapes.inputs[2];
    p.beta = node.float_attribute("beta", 1.0f);
    p.c_column = !c.empty() && c.back() != 1 ? 1 : 0;
    p.c_row = c.size() == 2 && c[0] != 1 ? c[1] : 0;
  }
  return std::make_unique<MatrixProduct>(request, std::move(p));
}

}  // namespace slipway::engine
