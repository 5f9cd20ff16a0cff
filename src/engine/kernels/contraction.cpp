#include "engine/kernels/contraction.hpp"

#include <algorithm>

#include "engine/ceil_div.hpp"

namespace slipway::engine {
namespace {

using Axes = std::vector<ContractionAxis>;
using Stride = std::optional<int64_t> ContractionAxis::*;

// Matrices of fewer elements are computed one by one.
constexpr int64_t kSmallMatrix = 8;
constexpr int64_t kElementsPerPiece = 1024;
// The most products that are added up in one go, see gemm_block.hpp.
constexpr int64_t kSumLength = 256;
// Rows that are multiplied in one call; their addresses are on the stack.
constexpr int64_t kRows = 48;

// Offsets along all axes, the last fastest.
CountedVector<int64_t> offsets_along(const Axes& axes, Stride stride) {
  CountedVector<int64_t> offsets{0};
  for (const ContractionAxis& axis : axes) {
    CountedVector<int64_t> next;
    next.reserve(offsets.size() * static_cast<size_t>(axis.size));
    for (const int64_t offset : offsets)
      for (int64_t i = 0; i < axis.size; ++i) next.push_back(offset + i * (axis.*stride).value_or(0));
    offsets = std::move(next);
  }
  return offsets;
}

// Sorts by the place in the result, outermost first, and gives those outer axes to `batch` that do not lie in
// one row of even steps with the inner ones.
void keep_even(Axes& axes, Axes& batch) {
  std::sort(axes.begin(), axes.end(),
            [](const ContractionAxis& a, const ContractionAxis& b) { return *a.out > *b.out; });
  auto first = axes.end();
  while (first != axes.begin() && (first == axes.end() || *(first - 1)->out == *first->out * first->size))
    --first;
  batch.insert(batch.end(), axes.begin(), first);
  axes.erase(axes.begin(), first);
}

bool is_run(const int64_t* offsets, int64_t count) {
  for (int64_t i = 1; i < count; ++i)
    if (offsets[i] != offsets[0] + i) return false;
  return true;
}

}  // namespace

Contraction::Contraction(Axes axes, const Tensor* constant_a, const Tensor* constant_b,
                         WeightStore& weights) {
  // Lanes run along the innermost axis of the result, which has to be one of b.
  swapped_ = std::any_of(axes.begin(), axes.end(),
                         [](const ContractionAxis& axis) { return axis.out == 1 && !axis.b; });
  if (swapped_)
    for (ContractionAxis& axis : axes) std::swap(axis.a, axis.b);
  Axes rows, columns, sums;
  for (const ContractionAxis& axis : axes)
    (!axis.out ? sums : axis.a && axis.b ? batch_ : axis.a ? rows : columns).push_back(axis);
  keep_even(rows, batch_);
  keep_even(columns, batch_);
  for (const ContractionAxis& axis : batch_) {
    matrices_ *= axis.size;
    if (axis.b) matrices_of_b_ *= axis.size;
  }
  std::sort(sums.begin(), sums.end(),
            [](const ContractionAxis& a, const ContractionAxis& b) { return *a.b > *b.b; });
  a_rows_ = offsets_along(rows, &ContractionAxis::a);
  a_sums_ = offsets_along(sums, &ContractionAxis::a);
  b_sums_ = offsets_along(sums, &ContractionAxis::b);
  b_columns_ = offsets_along(columns, &ContractionAxis::b);
  if (!rows.empty()) out_row_ = *rows.back().out;
  if (!columns.empty()) out_column_ = *columns.back().out;
  copies_rows_ = !is_run(a_sums_.data(), depth());
  widths_ = PanelWidths::of(this->columns());
  if (is_run(b_sums_.data(), depth()) && columns.size() == 1) column_step_ = *columns[0].b;
  const Tensor* constant = swapped_ ? constant_a : constant_b;
  if (constant && !is_direct()) pack_constant(*constant, sums, columns, weights);
}

int64_t Contraction::first_column(int64_t panel) const {
  return widths_.vectors_before(panel) * row_product_lanes();
}
int64_t Contraction::copied_rows_floats() const {
  return copies_rows_ ? round_up(std::min(kRows, rows()) * std::min(kSumLength, depth()), 16) : 0;
}

bool Contraction::is_direct() const {
  return out_column_ != 1 || rows() * columns() < kSmallMatrix;
}

// The threads then share the matrices; otherwise each makes whole ones.
bool Contraction::has_few_matrices(int workers) const {
  return matrices_ < 2 * int64_t{workers};
}

size_t Contraction::scratch_bytes(int workers) const {
  if (is_direct()) return 0;
  int64_t packed = packed_b_ ? 0 : packed_place(1) * workers;
  if (!packed_b_ && has_few_matrices(workers)) packed = matrices_of_b_ * packed_place(panels());
  return static_cast<size_t>(packed + workers * copied_rows_floats()) * sizeof(float);
}

void Contraction::run(const Run& run) const {
  Run mine = run;
  if (swapped_) std::swap(mine.a, mine.b);
  if (is_direct()) return run_elements(mine);
  has_few_matrices(run.pool.size()) ? run_parts(mine) : run_matrices(mine);
}

Contraction::Place Contraction::place(int64_t matrix) const {
  Place place{0, 0, 0, 0};
  int64_t step_of_b = 1;
  for (size_t i = batch_.size(); i-- > 0;) {
    const ContractionAxis& axis = batch_[i];
    const int64_t index = matrix % axis.size;
    matrix /= axis.size;
    place.a += index * axis.a.value_or(0);
    place.out += index * *axis.out;
    if (!axis.b) continue;
    place.b += index * *axis.b;
    place.matrix_of_b += index * step_of_b;
    step_of_b *= axis.size;
  }
  return place;
}

int64_t Contraction::place_of_b(int64_t matrix_of_b) const {
  int64_t place = 0;
  for (size_t i = batch_.size(); i-- > 0;) {
    const ContractionAxis& axis = batch_[i];
    if (!axis.b) continue;
    place += matrix_of_b % axis.size * *axis.b;
    matrix_of_b /= axis.size;
  }
  return place;
}

// Only where all matrices of the batch share it.
void Contraction::pack_constant(const Tensor& b, const std::vector<ContractionAxis>& sums,
                                const std::vector<ContractionAxis>& columns, WeightStore& weights) {
  if (std::any_of(batch_.begin(), batch_.end(),
                  [](const ContractionAxis& axis) { return axis.b.has_value(); }))
    return;
  std::string packing = "contraction/" + std::to_string(row_product_lanes());
  for (const Axes* axes : {&sums, &columns}) {
    for (const ContractionAxis& axis : *axes)
      packing += "/" + std::to_string(axis.size) + "*" + std::to_string(*axis.b);
    packing += "/";
  }
  const size_t floats = static_cast<size_t>(packed_place(panels()));
  packed_b_ = weights.get(b, packing, floats, [&](float* packed) {
    for (int64_t panel = 0; panel < panels(); ++panel)
      pack_panel(b.data<float>().data(), panel, packed + packed_place(panel));
  });
}

void Contraction::run_elements(const Run& run) const {
  const int64_t in_matrix = rows() * columns(), count = matrices_ * in_matrix;
  run.pool.parallel_for(static_cast<size_t>(ceil_div(count, kElementsPerPiece)), [&](size_t piece, int) {
    run.cancellation.check();
    const int64_t first = static_cast<int64_t>(piece) * kElementsPerPiece;
    for (int64_t i = first; i < std::min(first + kElementsPerPiece, count); ++i) {
      const Place at = place(i / in_matrix);
      const int64_t row = i % in_matrix / columns(), column = i % columns();
      const float* a = run.a + at.a + a_rows_[static_cast<size_t>(row)];
      const float* b = run.b + at.b + b_columns_[static_cast<size_t>(column)];
      double sum = 0;
      for (size_t k = 0; k < b_sums_.size(); ++k) sum += double{a[a_sums_[k]]} * double{b[b_sums_[k]]};
      run.out[at.out + row * out_row_ + column * out_column_] = static_cast<float>(sum);
    }
  });
}

// All panels are packed first; then the threads share rows, and panels where there are few rows.
void Contraction::run_parts(const Run& run) const {
  auto* scratch = reinterpret_cast<float*>(run.scratch);
  const int64_t matrix_floats = packed_place(panels());
  const float* packed = packed_b_ ? floats_of(*packed_b_) : scratch;
  if (!packed_b_) {
    run.pool.parallel_for(static_cast<size_t>(matrices_of_b_ * panels()), [&](size_t piece, int) {
      const int64_t matrix = static_cast<int64_t>(piece) / panels(),
                    panel = static_cast<int64_t>(piece) % panels();
      pack_panel(run.b + place_of_b(matrix), panel, scratch + matrix * matrix_floats + packed_place(panel));
    });
    scratch += matrices_of_b_ * matrix_floats;
  }
  const int64_t row_parts = ceil_div(rows(), kRows);
  const int64_t panel_parts =
      std::min(panels(), ceil_div(4 * int64_t{run.pool.size()}, matrices_ * row_parts));
  run.pool.parallel_for(
      static_cast<size_t>(matrices_ * row_parts * panel_parts), [&](size_t piece, int worker) {
        run.cancellation.check();
        const int64_t panel_part = static_cast<int64_t>(piece) % panel_parts,
                      row_part = static_cast<int64_t>(piece) / panel_parts % row_parts,
                      matrix = static_cast<int64_t>(piece) / panel_parts / row_parts;
        const Span own{panel_part * panels() / panel_parts, (panel_part + 1) * panels() / panel_parts};
        const Place at = place(matrix);
        multiply(run, at, {row_part * kRows, std::min((row_part + 1) * kRows, rows())}, own,
                 packed + (packed_b_ ? 0 : at.matrix_of_b * matrix_floats) + packed_place(own.first),
                 scratch + worker * copied_rows_floats());
      });
}

void Contraction::run_matrices(const Run& run) const {
  const int64_t own = copied_rows_floats() + (packed_b_ ? 0 : packed_place(1));
  run.pool.parallel_for(static_cast<size_t>(matrices_), [&](size_t matrix, int worker) {
    const Place at = place(static_cast<int64_t>(matrix));
    float* copied = reinterpret_cast<float*>(run.scratch) + worker * own;
    float* packed = copied + copied_rows_floats();
    for (int64_t panel = 0; panel < panels(); ++panel) {
      run.cancellation.check();
      if (!packed_b_) pack_panel(run.b + at.b, panel, packed);
      const float* from = packed_b_ ? floats_of(*packed_b_) + packed_place(panel) : packed;
      for (int64_t row = 0; row < rows(); row += kRows)
        multiply(run, at, {row, std::min(row + kRows, rows())}, {panel, panel + 1}, from, copied);
    }
  });
}

// Zeros beyond the last column.
void Contraction::pack_panel(const float* b, int64_t panel, float* packed) const {
  const int64_t first = first_column(panel), width = first_column(panel + 1) - first,
                count = std::min(width, columns() - first);
  const int64_t* offsets = b_columns_.data() + first;
  if (column_step_ != 0)
    return pack_transposed(b + offsets[0] + b_sums_[0], column_step_, count, depth(), packed, width);
  const bool is_row = is_run(offsets, count);
  for (const int64_t sum : b_sums_) {
    const float* from = b + sum;
    if (is_row)
      std::copy_n(from + offsets[0], count, packed);
    else
      for (int64_t j = 0; j < count; ++j) packed[j] = from[offsets[j]];
    std::fill(packed + count, packed + width, 0.0f);
    packed += width;
  }
}

// At most kRows rows times the packed panels.
void Contraction::multiply(const Run& run, Place at, Span range, Span panels, const float* packed,
                           float* copied) const {
  const float* from[kRows];
  float* outs[kRows];
  const int64_t count = range.last - range.first;
  for (int64_t i = 0; i < count; ++i) outs[i] = run.out + at.out + (range.first + i) * out_row_;
  RowProduct product;
  product.matrix = packed;
  product.columns = columns();
  product.first_panel = panels.first, product.last_panel = panels.last;
  for (int64_t k = 0; k < depth(); k += kSumLength) {
    product.depth = std::min(kSumLength, depth() - k);
    const int64_t* sums = a_sums_.data() + k;
    for (int64_t i = 0; i < count; ++i) {
      const float* row = run.a + at.a + a_rows_[static_cast<size_t>(range.first + i)];
      from[i] = row + sums[0];
      if (!copies_rows_) continue;
      float* to = copied + i * product.depth;
      for (int64_t j = 0; j < product.depth; ++j) to[j] = row[sums[j]];
      from[i] = to;
    }
    multiply_panels(product, widths_, depth(), k, from, outs, count);
    product.accumulate = true;
  }
}

}  // namespace slipway::engine
