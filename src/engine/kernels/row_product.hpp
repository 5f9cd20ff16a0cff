// Rows, wherever they lie, times a packed matrix. Nothing of a row is copied, so this is the way for a few
// rows, as of a layer that sees its input one step at a time (one row is a matrix-vector product, which is
// bound by reading the matrix), and for rows that are used once. Lanes run along the columns.
//
//   outs[r][n] = bias[n] + Σ_k rows[r][k] · matrix[k][n]
//
// Every output is one chain of multiply-adds in the order of k, however callers cut rows and columns. Long
// sums are cut into calls that each add their part to what is there, as in gemm_block.hpp.
#pragma once

#include <cstdint>
#include <limits>

namespace slipway::engine {

inline constexpr int kMostPanelVectors = 4;

struct RowProduct {
  // In panels of `vectors` · row_product_lanes() columns, all of which are read.
  const float* matrix = nullptr;
  int64_t row_stride = 0, panel_stride = 0;  // in floats
  const float* bias = nullptr;               // [panel][vectors][lanes], or nullptr for zeros
  int64_t depth = 0;
  int vectors = kMostPanelVectors;  // of a panel
  int64_t first_panel = 0, last_panel = 0;
  int64_t first_column = 0;  // of the outputs: where panel 0 begins
  // Of the outputs: those beyond are not written.
  int64_t columns = std::numeric_limits<int64_t>::max();
  bool accumulate = false;  // add to what the outputs hold; the bias is of no use then
};

// `outs` are laid out as the bias; all columns of the panels in [first_panel, last_panel) are written.
void multiply_rows(const RowProduct& product, const float* const* rows, float* const* outs, int64_t count);

// Panels for so many columns: `wide` of `vectors` vectors, then `narrow` of one less. Nearly even ones waste
// least: narrow panels keep the multipliers less busy.
struct PanelWidths {
  int vectors;
  int64_t wide, narrow;

  static PanelWidths of(int64_t columns);
  int64_t count() const { return wide + narrow; }
  int64_t vectors_before(int64_t panel) const { return panel * vectors - (panel > wide ? panel - wide : 0); }
};

// The same for panels [first_panel, last_panel) of two widths; `vectors`, `panel_stride` and `first_column`
// of the product count for nothing. A packed matrix has its panels one after the other, `packed_depth` rows
// each of the panel's width, of which those from `first_row` on are meant; with packed_depth 0 it is no
// packed one and has rows of `row_stride`. In any case product.matrix is where the first of the panels
// begins.
void multiply_panels(RowProduct product, const PanelWidths& widths, int64_t packed_depth, int64_t first_row,
                     const float* const* rows, float* const* outs, int64_t count);

// Writes the columns of a panel of `width`: element (k, j) of it is from[j * stride + k]. Zeros from `count`
// on.
void pack_transposed(const float* from, int64_t stride, int64_t count, int64_t depth, float* to,
                     int64_t width);

// Floats in a vector of this machine's instruction set.
int64_t row_product_lanes();

}  // namespace slipway::engine
