#include <algorithm>

#include "torch/aten/recurrent.hpp"

namespace slipway::torch::aten {
namespace {

// ONNX's gates are i o f c, PyTorch's i f g o; of a GRU z r h, and r z n.
constexpr int64_t kLstmGates[] = {0, 3, 1, 2}, kGruGates[] = {1, 0, 2}, kOneGate[] = {0};

// The rows of a weight or bias, gate by gate in ONNX's order.
Value* in_order(Conversion& c, const RecurrentKind& kind, Value* weight) {
  if (kind.gates.size() == 1) return weight;
  const auto count = static_cast<int64_t>(kind.gates.size());
  const auto parts = c.emit_several("Split", {weight}, kind.gates.size(), {{"num_outputs", count}});
  std::vector<Value*> ordered;
  for (const int64_t gate : kind.gates) ordered.push_back(parts[static_cast<size_t>(gate)]);
  return c.emit("Concat", ordered, {{"axis", 0}});
}

// An axis of directions in front.
Value* stacked(Conversion& c, const std::vector<Value*>& directions) {
  std::vector<Value*> rows;
  for (Value* direction : directions) rows.push_back(c.emit("Unsqueeze", {direction, c.ints({0})}));
  return rows.size() == 1 ? rows[0] : c.emit("Concat", rows, {{"axis", 0}});
}

Value* weights(Conversion& c, const RecurrentKind& kind, const std::vector<Value*>& directions) {
  std::vector<Value*> ordered;
  for (Value* weight : directions) ordered.push_back(in_order(c, kind, weight));
  return stacked(c, ordered);
}

Value* biases(Conversion& c, const RecurrentKind& kind, const RecurrentLayer& layer) {
  if (layer.input_biases.empty()) return nullptr;
  std::vector<Value*> rows;
  for (size_t d = 0; d < layer.input_biases.size(); ++d)
    rows.push_back(c.emit(
        "Concat", {in_order(c, kind, layer.input_biases[d]), in_order(c, kind, layer.hidden_biases[d])},
        {{"axis", 0}}));
  return stacked(c, rows);
}

}  // namespace

const RecurrentKind kLstm{"LSTM", kLstmGates, 2, nullptr};
const RecurrentKind kGru{"GRU", kGruGates, 1, nullptr};
const RecurrentKind kRnnTanh{"RNN", kOneGate, 1, nullptr};
const RecurrentKind kRnnRelu{"RNN", kOneGate, 1, "Relu"};

std::vector<Value*> emit_layer(Conversion& c, const RecurrentKind& kind, const RecurrentLayer& layer) {
  const size_t directions = layer.input_weights.size();
  Attributes attributes = {{"hidden_size", layer.hidden}};
  if (directions == 2) attributes.emplace_back("direction", "bidirectional");
  if (kind.activation)
    attributes.emplace_back("activations", std::vector<std::string>(directions, kind.activation));
  if (std::string_view(kind.op_type) == "GRU") attributes.emplace_back("linear_before_reset", 1);
  std::vector<Value*> inputs = {layer.input, weights(c, kind, layer.input_weights),
                                weights(c, kind, layer.hidden_weights), biases(c, kind, layer), nullptr};
  inputs.insert(inputs.end(), layer.states.begin(), layer.states.end());
  return c.emit_several(kind.op_type, inputs, kind.states + 1, attributes);
}

}  // namespace slipway::torch::aten
