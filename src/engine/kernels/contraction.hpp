// The product of two f32 tensors along named axes, as matrix products: axes of both are batches or are summed
// over, axes of one are rows or columns. No tensor is permuted first: where the elements of a row or a column
// lie is looked up in tables when a panel of columns is packed (Matthews, "High-performance tensor
// contraction without transposition", 2018); rows are read where they are.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/cancellation.hpp"
#include "base/thread_pool.hpp"
#include "engine/kernels/row_product.hpp"
#include "engine/weight_store.hpp"

namespace slipway::engine {

// Strides in elements; nothing where a tensor does not have the axis.
struct ContractionAxis {
  int64_t size;
  std::optional<int64_t> a, b, out;
};

class Contraction {
 public:
  struct Run {
    const float *a, *b;
    float* out;
    std::byte* scratch;  // scratch_bytes() of it, aligned to 64 bytes
    ThreadPool& pool;
    const Cancellation& cancellation;
  };

  // Every axis belongs to at least two of the three tensors; no size is 0. No two elements of the result have
  // one place. An operand that is a constant of the model may be packed now.
  Contraction(std::vector<ContractionAxis> axes, const Tensor* constant_a, const Tensor* constant_b,
              WeightStore& weights);

  size_t scratch_bytes(int workers) const;
  void run(const Run& run) const;

 private:
  // Where a matrix of the batch begins, and which one of b it takes.
  struct Place {
    int64_t a, b, out;
    int64_t matrix_of_b;
  };
  struct Span {
    int64_t first, last;
  };

  int64_t rows() const { return static_cast<int64_t>(a_rows_.size()); }
  int64_t columns() const { return static_cast<int64_t>(b_columns_.size()); }
  int64_t depth() const { return static_cast<int64_t>(b_sums_.size()); }
  int64_t panels() const { return widths_.count(); }
  // Where panels begin in the columns, and in a packed b.
  int64_t first_column(int64_t panel) const;
  int64_t packed_place(int64_t panel) const { return first_column(panel) * depth(); }
  bool is_direct() const;
  bool has_few_matrices(int workers) const;
  int64_t copied_rows_floats() const;  // of at most kRows rows and kSumLength elements

  Place place(int64_t matrix) const;
  int64_t place_of_b(int64_t matrix_of_b) const;
  void pack_constant(const Tensor& b, const std::vector<ContractionAxis>& sums,
                     const std::vector<ContractionAxis>& columns, WeightStore& weights);
  void run_elements(const Run& run) const;
  void run_parts(const Run& run) const;
  void run_matrices(const Run& run) const;
  void pack_panel(const float* b, int64_t panel, float* packed) const;
  void multiply(const Run& run, Place place, Span rows, Span panels, const float* packed,
                float* copied) const;

  bool swapped_ = false;  // the caller's a is b here
  std::vector<ContractionAxis> batch_;
  int64_t matrices_ = 1, matrices_of_b_ = 1;
  // Offsets of the elements along rows, columns and what is summed over.
  CountedVector<int64_t> a_rows_, a_sums_, b_sums_, b_columns_;
  int64_t out_row_ = 0, out_column_ = 1;
  bool copies_rows_;  // because their elements are not neighbours
  PanelWidths widths_;
  int64_t column_step_ = 0;  // in b, where its columns are even and sums are neighbours: they are transposed
  std::shared_ptr<const Buffer> packed_b_;
};

}  // namespace slipway::engine
