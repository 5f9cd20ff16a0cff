#include "torch/aten/recurrent.hpp"
#include "torch/aten/scan_body.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

struct Direction {
  Value *input_weight, *hidden_weight, *projection, *bias;  // bias: of both kinds, or nullptr
  Value *hidden, *cell;                                     // at the begin: [batch, size], [batch, hidden]
};

// [tokens, batch, 4·hidden]: the share of the input in all gates of all steps.
Value* input_gates(Conversion& c, Value* input, const Direction& direction) {
  Value* gates = c.emit("MatMul", {input, transpose(c, direction.input_weight, {1, 0})});
  return direction.bias ? c.emit("Add", {gates, direction.bias}) : gates;
}

// One step: gates i f g o of the input's share and the hidden state.
Body step(DataType type, const Direction& direction) {
  Body body;
  Value* hidden = body.input("hidden", type);
  Value* cell = body.input("cell", type);
  Value* share = body.input("share", type);
  Value* sum = body.emit("Gemm", {hidden, direction.hidden_weight, share}, {{"transB", 1}});
  const auto gates = body.emit_several("Split", {sum}, 4, {{"axis", 1}, {"num_outputs", 4}});
  const auto times = [&](const char* function, Value* gate, Value* value) {
    return body.emit("Mul", {body.emit(function, {gate}), value});
  };
  Value* kept = times("Sigmoid", gates[1], cell);
  Value* added = times("Sigmoid", gates[0], body.emit("Tanh", {gates[2]}));
  Value* new_cell = body.emit("Add", {kept, added});
  Value* shown = times("Sigmoid", gates[3], body.emit("Tanh", {new_cell}));
  Value* new_hidden = body.emit("Gemm", {shown, direction.projection}, {{"transB", 1}});
  for (Value* value : {new_hidden, new_cell, new_hidden}) body.output(value);
  return body;
}

}  // namespace

std::vector<Value*> emit_projected_layer(Conversion& c, const RecurrentLayer& layer,
                                         const std::vector<Value*>& projections) {
  const DataType type = c.meta("input").type;
  std::vector<Value*> sequences, hidden, cells;
  for (size_t d = 0; d < projections.size(); ++d) {
    const auto state = [&](size_t which) {
      return gather(c, layer.states[which], integer(c, static_cast<int64_t>(d)), 0);
    };
    Direction direction{
        layer.input_weights[d], layer.hidden_weights[d], projections[d], nullptr, state(0), state(1)};
    if (!layer.input_biases.empty())
      direction.bias = c.emit("Add", {layer.input_biases[d], layer.hidden_biases[d]});
    const auto made = scan(c, step(type, direction),
                           {direction.hidden, direction.cell, input_gates(c, layer.input, direction)}, 2,
                           {.backwards = d == 1});
    hidden.push_back(unsqueeze(c, made[0], {0}));
    cells.push_back(unsqueeze(c, made[1], {0}));
    sequences.push_back(made[2]);
  }
  return {concat(c, sequences, 2), concat(c, hidden, 0), concat(c, cells, 0)};
}

}  // namespace slipway::torch::aten
