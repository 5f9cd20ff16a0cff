// Cells of recurrent networks: layers over one step.
#include "torch/aten/recurrent.hpp"

namespace slipway::torch::aten {
namespace {

void convert_cell(Conversion& c, const RecurrentKind& kind) {
  const bool batched = c.rank("input") == 2;
  const Shape& weight = c.meta("w_hh").sizes;
  if (weight.size() != 2 || !weight[1].is_known()) c.refuse("the sizes of its weights must be known");
  // [size] or [batch, size] with an axis for one step, or one direction, in front.
  const auto axes = batched ? std::vector<int64_t>{0} : std::vector<int64_t>{0, 1};
  const auto lifted = [&](Value* value) { return c.emit("Unsqueeze", {value, c.ints(axes)}); };
  RecurrentLayer layer{.input = lifted(c.tensor("input")),
                       .hidden = weight[1].value(),
                       .input_weights = {c.tensor("w_ih")},
                       .hidden_weights = {c.tensor("w_hh")},
                       .input_biases = {},
                       .hidden_biases = {},
                       .states = {}};
  if (c.has("b_ih")) {
    layer.input_biases = {c.tensor("b_ih")};
    layer.hidden_biases = {c.tensor("b_hh")};
  }
  for (Value* state : c.tensors("hx")) layer.states.push_back(lifted(state));
  const auto made = emit_layer(c, kind, layer);
  for (size_t i = 0; i < kind.states; ++i)
    if (c.is_used(i)) c.result(i, c.emit("Squeeze", {made[i + 1], c.ints(axes)}));
}

}  // namespace

void convert_lstm_cell(Conversion& c) {
  convert_cell(c, kLstm);
}

void convert_gru_cell(Conversion& c) {
  convert_cell(c, kGru);
}

void convert_rnn_tanh_cell(Conversion& c) {
  convert_cell(c, kRnnTanh);
}

void convert_rnn_relu_cell(Conversion& c) {
  convert_cell(c, kRnnRelu);
}

}  // namespace slipway::torch::aten
