// RNN, GRU (Cho et al., 2014) and LSTM (Hochreiter and Schmidhuber, 1997; with peepholes: Gers et al., 2002):
// the cells that recurrent.hpp runs sequences through.
#include "ops/recurrent.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void step_rnn(const CellStep& step, CellState& state) {
  const CountedVector<double> before = state.hidden;
  for (int64_t u = 0; u < step.units; ++u)
    state.hidden[static_cast<size_t>(u)] =
        step.activate(0, step.from_input(0, u) + step.from_hidden(0, u, before.data()));
}

// Gates: update, reset, hidden.
void step_gru(const CellStep& step, CellState& state) {
  const CountedVector<double> before = state.hidden;
  const auto gate = [&](int64_t index, int64_t u) {
    return step.activate(0, step.from_input(index, u) + step.from_hidden(index, u, before.data()));
  };
  CountedVector<double> reset(before.size()), kept(before.size());
  for (size_t u = 0; u < before.size(); ++u) {
    reset[u] = gate(1, static_cast<int64_t>(u));
    kept[u] = reset[u] * before[u];
  }
  for (size_t i = 0; i < before.size(); ++i) {
    const auto u = static_cast<int64_t>(i);
    const double past = step.linear_before_reset ? reset[i] * step.from_hidden(2, u, before.data())
                                                 : step.from_hidden(2, u, kept.data());
    const double candidate = step.activate(1, step.from_input(2, u) + past), update = gate(0, u);
    state.hidden[i] = (1 - update) * candidate + update * before[i];
  }
}

// Gates: input, output, forget, cell; peepholes: input, output, forget. The attribute clip bounds what gates
// sum up; the cell reaches its activation as it is, as in ONNX Runtime.
void step_lstm(const CellStep& step, CellState& state) {
  const CountedVector<double> before = state.hidden;
  for (size_t i = 0; i < before.size(); ++i) {
    const auto u = static_cast<int64_t>(i);
    const auto gate = [&](size_t activation, int64_t index, double seen) {
      return step.activate(activation,
                           step.from_input(index, u) + step.from_hidden(index, u, before.data()) + seen);
    };
    double& cell = state.cell[i];
    const double input = gate(0, 0, step.peephole(0, u) * cell);
    const double forget = step.input_forget ? 1 - input : gate(0, 2, step.peephole(2, u) * cell);
    cell = forget * cell + input * gate(1, 3, 0);
    state.hidden[i] = gate(0, 1, step.peephole(1, u) * cell) * step.activations[2](cell);
  }
}

const CellKind& rnn() {
  static const CellKind kind{1, false, {"Tanh"}, step_rnn};
  return kind;
}
const CellKind& gru() {
  static const CellKind kind{3, false, {"Sigmoid", "Tanh"}, step_gru};
  return kind;
}
const CellKind& lstm() {
  static const CellKind kind{4, true, {"Sigmoid", "Tanh", "Tanh"}, step_lstm};
  return kind;
}

// Every step multiplies with all weights.
double flops(const ShapeContext& context) {
  const Dims &x = context.inputs[0], &weights = context.inputs[1], &recurrence = context.inputs[2];
  return 2 * static_cast<double>(x[0]) * static_cast<double>(x[1]) *
         static_cast<double>(element_count(weights) + element_count(recurrence));
}

Operator recurrent_operator(std::string_view name, bool has_cell, std::vector<AttributeSpec> attributes) {
  using Kind = Attribute::Kind;
  Operator definition{.name = name,
                      .since_version = 22,
                      .inputs = {{"X", "T"},
                                 {"W", "T"},
                                 {"R", "T"},
                                 {"B", "T", Arity::kOptional},
                                 {"sequence_lens", "T1", Arity::kOptional},
                                 {"initial_h", "T", Arity::kOptional}},
                      .outputs = {{"Y", "T", Arity::kOptional}, {"Y_h", "T", Arity::kOptional}},
                      .attributes = {{"activation_alpha", Kind::kFloats},
                                     {"activation_beta", Kind::kFloats},
                                     {"activations", Kind::kStrings},
                                     {"clip", Kind::kFloat},
                                     {"direction", Kind::kString},
                                     {"hidden_size", Kind::kInt},
                                     {"layout", Kind::kInt}},
                      .type_constraints = {{"T", kFloats}, {"T1", {DataType::kInt32}}},
                      .flops = flops};
  definition.attributes.insert(definition.attributes.end(), attributes.begin(), attributes.end());
  if (has_cell) {
    definition.inputs.push_back({"initial_c", "T", Arity::kOptional});
    definition.inputs.push_back({"P", "T", Arity::kOptional});
    definition.outputs.push_back({"Y_c", "T", Arity::kOptional});
  }
  return definition;
}

}  // namespace

void register_recurrent_cells(Registry& registry) {
  using Kind = Attribute::Kind;
  Operator definition = recurrent_operator("RNN", false, {});
  definition.infer = [](InferenceContext& context) { infer_recurrent(context, rnn()); };
  definition.compute = [](KernelContext& context) { compute_recurrent(context, rnn()); };
  registry.add(std::move(definition));
  definition = recurrent_operator("GRU", false, {{"linear_before_reset", Kind::kInt}});
  definition.infer = [](InferenceContext& context) { infer_recurrent(context, gru()); };
  definition.compute = [](KernelContext& context) { compute_recurrent(context, gru()); };
  registry.add(std::move(definition));
  definition = recurrent_operator("LSTM", true, {{"input_forget", Kind::kInt}});
  definition.infer = [](InferenceContext& context) { infer_recurrent(context, lstm()); };
  definition.compute = [](KernelContext& context) { compute_recurrent(context, lstm()); };
  registry.add(std::move(definition));
}

}  // namespace slipway::ops
