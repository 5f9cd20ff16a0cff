// A few rows, wherever they lie, times a packed matrix of weights: what a layer does that sees its input one
// step at a time. For one row this is a matrix-vector product, which is bound by reading the weights; rows
// side by side share them. Lanes run along the columns.
//
//   outs[r][n] = bias[n] + Σ_k rows[r][k] · weights[k][n]
//
// Every output is one chain of multiply-adds in the order of k, however callers cut rows and columns.
#pragma once

#include <cstdint>

namespace slipway::engine {

struct RowProduct {
  // [panel][depth][vectors][lanes], lanes being row_product_lanes().
  const float* weights = nullptr;
  const float* bias = nullptr;  // [panel][vectors][lanes], or nullptr for zeros
  int64_t depth = 0;
  int vectors = 4;  // of a panel: 3 or 4
  int64_t first_panel = 0, last_panel = 0;
};

// `outs` are laid out as the bias; all panels in [first_panel, last_panel) are written.
void multiply_rows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count);

// Floats in a vector of this machine's instruction set.
int64_t row_product_lanes();

}  // namespace slipway::engine
