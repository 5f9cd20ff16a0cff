// Rows, wherever they lie, times a packed matrix. Nothing of a row is copied, so this is the way for a few
// rows, as of a layer that sees its input one step at a time (one row is a matrix-vector product, which is
// bound by reading the matrix), and for rows that are used once. Lanes run along the columns.
//
//   outs[r][n] = bias[n] + Σ_k rows[r][k] · matrix[k][n]
//
// Every output is one chain of multiply-adds in the order of k, however callers cut rows and columns. Long
// sums are cut into calls that each add their part, as in gemm_block.hpp.
#pragma once

#include <cstdint>
#include <limits>

namespace slipway::engine {

struct RowProduct {
  // [panel][packed_depth][vectors][lanes], lanes being row_product_lanes(); the first of `depth` rows of the
  // first panel.
  const float* matrix = nullptr;
  const float* bias = nullptr;  // [panel][vectors][lanes], or nullptr for zeros
  int64_t depth = 0;
  int64_t packed_depth = 0;
  int vectors = 4;  // of a panel: 3 or 4
  int64_t first_panel = 0, last_panel = 0;
  // Of the outputs: those beyond are not written.
  int64_t columns = std::numeric_limits<int64_t>::max();
  bool accumulate = false;  // add to what the outputs hold; the bias is of no use then
};

// `outs` are laid out as the bias; all columns of the panels in [first_panel, last_panel) are written.
void multiply_rows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count);

// Floats in a vector of this machine's instruction set.
int64_t row_product_lanes();

}  // namespace slipway::engine
