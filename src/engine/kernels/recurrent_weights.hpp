// The weights of a recurrent layer in panels that hold all gates of some units side by side.
#pragma once

#include <memory>
#include <vector>

#include "engine/kernels/row_product.hpp"
#include "engine/weight_store.hpp"

namespace slipway::engine {

// Some gates of all directions.
struct RecurrentWeights {
  int64_t inputs, units;
  int vectors;          // of a panel
  int64_t panel_units;  // units of a panel
  int64_t panels;
  std::shared_ptr<const Buffer> packed;  // [direction]: of the inputs, of the hidden state, the bias of each

  // Sums of one row.
  int64_t row_floats() const { return panels * vectors * row_product_lanes(); }
  // All panels.
  RowProduct of_inputs(int64_t direction) const;
  RowProduct of_hidden(int64_t direction) const;
  RowProduct of(const float* matrix, const float* bias, int64_t depth) const;
};

// Of W [directions, all gates · units, inputs], R [directions, all gates · units, units] and, unless nullptr,
// B [directions, 2 · all gates · units], which are constants of the model. `gates` are 1 to 4 of them.
RecurrentWeights pack_recurrent(WeightStore& store, const Tensor& w, const Tensor& r, const Tensor* b,
                                const std::vector<int64_t>& gates);

}  // namespace slipway::engine
