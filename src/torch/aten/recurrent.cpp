// LSTM, GRU and plain recurrent layers, several on top of each other and in both directions; and their cells,
// which are layers over one step.
#include "torch/aten/recurrent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/reshape.hpp"

namespace slipway::torch::aten {
namespace {

using Perm = std::vector<int64_t>;

// Is the value all zeros, however it is written? ONNX's layers begin with zeros by themselves.
bool is_zero(const Value* value) {
  if (const Tensor* constant = value->constant()) {
    const auto bytes = constant->raw_bytes();
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  }
  const Node* maker = value->producer();
  if (!maker || !maker->domain().empty()) return false;
  if (maker->op_type() == "Expand") return is_zero(maker->input(0));
  return maker->op_type() == "ConstantOfShape" && !maker->find_attribute("value");
}

class Layers {
 public:
  Layers(Conversion& c, const RecurrentKind& kind)
      : c_(c),
        kind_(kind),
        directions_(c.truth("bidirectional", false) ? 2 : 1),
        layers_(c.integer("num_layers")),
        batch_first_(c.truth("batch_first", false)),
        has_biases_(c.truth("has_biases", true)),
        batched_(c.rank("input") == 3),
        params_(c.tensors("params")) {
    if (c.truth("train", false) && c.number("dropout", 0) != 0)
      c.refuse("it drops elements at random between its layers: export the model in eval()");
    const auto most = static_cast<int64_t>(params_.size());
    const auto all = static_cast<size_t>(std::clamp<int64_t>(layers_, 0, most) * directions_);
    // An LSTM with one more for each layer projects its hidden state.
    projected_ = kind.states == 2 && params_.size() == all * (per_layer() + 1);
    if (layers_ < 1 || params_.size() != all * per_layer())
      c.refuse(fmt::format("it has {} weights, but {} are expected", params_.size(), all * per_layer()));
    require_known_sizes();
    states_ = c.tensors("hx");
    if (states_.size() != kind.states)
      c.refuse(fmt::format("it has {} states, but {} are expected", states_.size(), kind.states));
  }

  void convert() {
    Value* sequence = first_input();
    std::vector<std::vector<Value*>> finals(kind_.states);
    for (int64_t layer = 0; layer < layers_; ++layer) {
      const auto made = run(layer, sequence);
      sequence = projected_ ? made[0] : side_by_side(made[0]);
      for (size_t i = 0; i < kind_.states; ++i) finals[i].push_back(made[i + 1]);
    }
    c_.result(0, last_output(sequence));
    for (size_t i = 0; i < kind_.states; ++i) {
      if (!c_.is_used(i + 1)) continue;
      Value* all = finals[i].size() == 1 ? finals[i][0] : c_.emit("Concat", finals[i], {{"axis", 0}});
      c_.result(i + 1, batched_ ? all : c_.emit("Squeeze", {all, c_.ints({1})}));
    }
  }

 private:
  size_t per_layer() const { return (has_biases_ ? 4 : 2) + (projected_ ? 1 : 0); }
  int64_t hidden() const {
    const Shape& weight = c_.meta("params", 0).sizes;
    if (weight.size() != 2 || !weight[0].is_known()) c_.refuse("the sizes of its weights must be known");
    return weight[0].value() / static_cast<int64_t>(kind_.gates.size());
  }
  void require_known_sizes() {
    const Shape& weight = c_.meta("params", 1).sizes;
    if (weight.size() != 2 || (!projected_ && weight[1] != Dim(hidden())))
      c_.refuse("its weights are not those of such a layer");
  }

  // [tokens, batch, size], as ONNX's layers take it.
  Value* first_input() {
    Value* input = c_.tensor("input");
    if (!batched_) return c_.emit("Unsqueeze", {input, c_.ints({1})});
    return batch_first_ ? c_.emit("Transpose", {input}, {{"perm", Perm{1, 0, 2}}}) : input;
  }
  Value* last_output(Value* sequence) {
    if (!batched_) return c_.emit("Squeeze", {sequence, c_.ints({1})});
    return batch_first_ ? c_.emit("Transpose", {sequence}, {{"perm", Perm{1, 0, 2}}}) : sequence;
  }

  // [tokens, directions, batch, hidden] to [tokens, batch, directions·hidden].
  Value* side_by_side(Value* output) {
    if (directions_ == 1) return c_.emit("Squeeze", {output, c_.ints({1})});
    Value* turned = c_.emit("Transpose", {output}, {{"perm", Perm{0, 2, 1, 3}}});
    return c_.emit("Reshape", {turned, c_.ints({0, 0, 2 * hidden()})});
  }

  Value* state(size_t index, int64_t layer) {
    Value* all = states_[index];
    if (is_zero(all) && !projected_) return nullptr;
    if (!batched_) all = c_.emit("Unsqueeze", {all, c_.ints({1})});
    if (layers_ == 1) return all;
    return c_.emit("Slice",
                   {all, c_.ints({layer * directions_}), c_.ints({(layer + 1) * directions_}), c_.ints({0})});
  }

  // Weight `which` of a layer, of both directions.
  std::vector<Value*> weights(int64_t layer, size_t which) {
    std::vector<Value*> found;
    for (int64_t d = 0; d < directions_; ++d)
      found.push_back(params_[static_cast<size_t>(layer * directions_ + d) * per_layer() + which]);
    return found;
  }

  std::vector<Value*> run(int64_t layer, Value* sequence) {
    RecurrentLayer recurrent{.input = sequence,
                             .hidden = hidden(),
                             .input_weights = weights(layer, 0),
                             .hidden_weights = weights(layer, 1),
                             .input_biases = {},
                             .hidden_biases = {},
                             .states = {}};
    if (has_biases_) {
      recurrent.input_biases = weights(layer, 2);
      recurrent.hidden_biases = weights(layer, 3);
    }
    for (size_t i = 0; i < kind_.states; ++i) recurrent.states.push_back(state(i, layer));
    if (projected_) return emit_projected_layer(c_, recurrent, weights(layer, per_layer() - 1));
    return emit_layer(c_, kind_, recurrent);
  }

  Conversion& c_;
  const RecurrentKind& kind_;
  int64_t directions_, layers_;
  bool batch_first_, has_biases_, batched_, projected_ = false;
  std::vector<Value*> params_, states_;
};

void convert_layers(Conversion& c, const RecurrentKind& kind) {
  if (c.has("batch_sizes")) c.refuse("packed sequences are not converted: give it a padded tensor");
  Layers(c, kind).convert();
}

}  // namespace

// lstm.input
void convert_lstm(Conversion& c) {
  convert_layers(c, kLstm);
}

// gru.input
void convert_gru(Conversion& c) {
  convert_layers(c, kGru);
}

// rnn_tanh.input
void convert_rnn_tanh(Conversion& c) {
  convert_layers(c, kRnnTanh);
}

// rnn_relu.input
void convert_rnn_relu(Conversion& c) {
  convert_layers(c, kRnnRelu);
}

}  // namespace slipway::torch::aten
