#include "engine/kernels/recurrent_weights.hpp"

#include <algorithm>

namespace slipway::engine {
namespace {

// Calls visit(gate, unit) for the columns of all panels, in their order.
template <typename Visit>
void for_columns(const RecurrentWeights& weights, int64_t panel, const std::vector<int64_t>& gates,
                 Visit visit) {
  for (const int64_t gate : gates)
    for (int64_t i = 0; i < weights.panel_units; ++i) visit(gate, panel * weights.panel_units + i);
}

// `matrix` is [all gates · units, depth].
float* pack_matrix(const RecurrentWeights& weights, const std::vector<int64_t>& gates, const float* matrix,
                   int64_t depth, float* to) {
  for (int64_t panel = 0; panel < weights.panels; ++panel)
    for (int64_t k = 0; k < depth; ++k)
      for_columns(weights, panel, gates, [&](int64_t gate, int64_t unit) {
        *to++ = unit < weights.units ? matrix[(gate * weights.units + unit) * depth + k] : 0.0f;
      });
  return to;
}

// `bias` is [all gates · units] or nullptr.
float* pack_bias(const RecurrentWeights& weights, const std::vector<int64_t>& gates, const float* bias,
                 float* to) {
  for (int64_t panel = 0; panel < weights.panels; ++panel)
    for_columns(weights, panel, gates, [&](int64_t gate, int64_t unit) {
      *to++ = bias && unit < weights.units ? bias[gate * weights.units + unit] : 0.0f;
    });
  return to;
}

int64_t floats_of_direction(const RecurrentWeights& weights) {
  return weights.row_floats() * (weights.inputs + weights.units + 2);
}

}  // namespace

RowProduct RecurrentWeights::of(const float* matrix, const float* bias, int64_t depth) const {
  RowProduct product;
  product.matrix = matrix;
  product.row_stride = vectors * row_product_lanes();
  product.panel_stride = depth * product.row_stride;
  product.bias = bias;
  product.depth = depth;
  product.vectors = vectors;
  product.last_panel = panels;
  return product;
}

RowProduct RecurrentWeights::of_inputs(int64_t direction) const {
  const float* begin = floats_of(*packed) + direction * floats_of_direction(*this);
  return of(begin, begin + row_floats() * (inputs + units), inputs);
}

RowProduct RecurrentWeights::of_hidden(int64_t direction) const {
  const float* begin = floats_of(*packed) + direction * floats_of_direction(*this);
  return of(begin + row_floats() * inputs, begin + row_floats() * (inputs + units + 1), units);
}

RecurrentWeights pack_recurrent(WeightStore& store, const Tensor& w, const Tensor& r, const Tensor* b,
                                const std::vector<int64_t>& gates) {
  RecurrentWeights weights;
  weights.inputs = w.dim(2), weights.units = r.dim(2);
  weights.vectors = gates.size() == 3 ? 3 : 4;
  weights.panel_units = weights.vectors / static_cast<int64_t>(gates.size()) * row_product_lanes();
  weights.panels = (weights.units + weights.panel_units - 1) / weights.panel_units;
  const int64_t directions = r.dim(0), rows = r.dim(1);
  std::string packing = "recurrent/" + std::to_string(row_product_lanes());
  for (const int64_t gate : gates) packing += "/" + std::to_string(gate);
  const float *from_w = w.data<float>().data(), *from_r = r.data<float>().data(),
              *from_b = b ? b->data<float>().data() : nullptr;
  weights.packed = store.get(
      {&w, &r, b}, packing, static_cast<size_t>(directions * floats_of_direction(weights)), [&](float* to) {
        for (int64_t i = 0; i < directions; ++i) {
          to = pack_matrix(weights, gates, from_w + i * rows * weights.inputs, weights.inputs, to);
          to = pack_matrix(weights, gates, from_r + i * rows * weights.units, weights.units, to);
          to = pack_bias(weights, gates, from_b ? from_b + i * 2 * rows : nullptr, to);
          to = pack_bias(weights, gates, from_b ? from_b + (i * 2 + 1) * rows : nullptr, to);
        }
      });
  return weights;
}

}  // namespace slipway::engine
