// LSTM, GRU and RNN against the reference kernels, which compute in f64. States stay within [-1, 1] (but for
// Relu), so an error does not grow from step to step.
#include "engine/one_node.hpp"

namespace slipway::engine {
namespace {

constexpr double kRecurrentTolerance = 4e-6;

struct RecurrentCase {
  std::string cell = "LSTM", direction = "forward";
  int64_t steps = 5, batch = 3, inputs = 7, units = 20;
  int64_t layout = 0, linear_before_reset = 0;
  bool has_bias = true, has_initial = false, has_lengths = false;
  std::vector<bool> outputs = {true, true, true};
  std::vector<std::string> activations;
  bool fast = true;
  double tolerance = kRecurrentTolerance;
};

struct Maker : GraphMaker {
  std::vector<RuntimeValue> fed;

  Value* feed(const Tensor& tensor) {
    const Dims& dims = tensor.dims();
    fed.emplace_back(tensor);
    return graph().add_input("x" + std::to_string(fed.size()),
                             Type::tensor(tensor.type(), Shape(dims.begin(), dims.end())));
  }
  Value* constant(const Dims& dims, float scale) {
    return graph().add_initializer("w", random_tensor(dims, random, scale));
  }
};

Node* add_layer(Maker& maker, const RecurrentCase& c) {
  const int64_t directions = c.direction == "bidirectional" ? 2 : 1;
  const int64_t gates = c.cell == "LSTM" ? 4 : c.cell == "GRU" ? 3 : 1;
  const Dims state = c.layout ? Dims{c.batch, directions, c.units} : Dims{directions, c.batch, c.units};
  const float scale = 1.7f / std::sqrt(static_cast<float>(c.inputs + c.units));
  std::vector<Value*> inputs{
      maker.feed(random_tensor(c.layout ? Dims{c.batch, c.steps, c.inputs} : Dims{c.steps, c.batch, c.inputs},
                               maker.random)),
      maker.constant({directions, gates * c.units, c.inputs}, scale),
      maker.constant({directions, gates * c.units, c.units}, scale),
      c.has_bias ? maker.constant({directions, 2 * gates * c.units}, 1) : nullptr, nullptr};
  if (c.has_lengths) {
    Tensor lengths(DataType::kInt32, {c.batch});
    for (int64_t i = 0; i < c.batch; ++i)
      lengths.data<int32_t>()[static_cast<size_t>(i)] = static_cast<int32_t>((c.steps + i) % (c.steps + 1));
    inputs[4] = maker.feed(lengths);
  }
  if (c.has_initial) {
    inputs.push_back(maker.feed(random_tensor(state, maker.random)));
    if (c.cell == "LSTM") inputs.push_back(maker.feed(random_tensor(state, maker.random)));
  }
  std::vector<Value*> outputs;
  for (size_t i = 0; i < (c.cell == "LSTM" ? 3u : 2u); ++i)
    outputs.push_back(c.outputs[i] ? maker.graph().add_value("y" + std::to_string(i)) : nullptr);
  Node* node = maker.graph().add_node_with_outputs(c.cell, inputs, outputs);
  node->set_attribute("direction", c.direction);
  node->set_attribute("hidden_size", c.units);
  node->set_attribute("layout", c.layout);
  if (c.cell == "GRU") node->set_attribute("linear_before_reset", c.linear_before_reset);
  if (!c.activations.empty()) node->set_attribute("activations", c.activations);
  return node;
}

void expect_like_reference(const RecurrentCase& c) {
  Maker maker;
  Node* node = add_layer(maker, c);
  expect_node_like_reference(maker, *node, maker.fed, c.tolerance, c.fast);
}

TEST(Recurrent, EveryCellDirectionAndLayout) {
  for (const char* cell : {"LSTM", "GRU", "RNN"})
    for (const char* direction : {"forward", "reverse", "bidirectional"})
      for (int64_t layout : {0, 1})
        for (int64_t linear : {0, 1}) {
          RecurrentCase c;
          c.cell = cell, c.direction = direction, c.layout = layout, c.linear_before_reset = linear;
          expect_like_reference(c);
          c.has_lengths = c.has_initial = true;
          expect_like_reference(c);
          c.has_bias = false;
          expect_like_reference(c);
        }
}

TEST(Recurrent, OddSizes) {
  for (const char* cell : {"LSTM", "GRU", "RNN"})
    for (int64_t linear : {0, 1})
      for (int64_t batch : {1, 2, 4, 13})
        for (int64_t units : {1, 3, 16, 17, 33, 65}) {
          RecurrentCase c;
          c.cell = cell, c.linear_before_reset = linear, c.batch = batch, c.units = units;
          c.inputs = units % 5 + 1;
          expect_like_reference(c);
        }
}

// Blocks of steps, more sequences than one call takes, steps that threads share.
TEST(Recurrent, LongSequencesLargeBatchesAndManyUnits) {
  for (const char* cell : {"LSTM", "GRU", "RNN"})
    for (const char* direction : {"reverse", "bidirectional"}) {
      RecurrentCase c;
      c.cell = cell, c.direction = direction, c.has_lengths = true;
      c.steps = 700, c.batch = 2, c.units = 50;
      expect_like_reference(c);
      c.steps = 3, c.batch = 101;
      expect_like_reference(c);
      c.steps = 6, c.batch = 1, c.units = 270, c.inputs = 300;
      expect_like_reference(c);
    }
}

TEST(Recurrent, OutputsMayBeAbsent) {
  for (const char* cell : {"LSTM", "GRU"})
    for (size_t only : {0, 1, 2}) {
      RecurrentCase c;
      c.cell = cell;
      if (c.cell == "GRU" && only == 2) continue;
      c.outputs = {false, false, false};
      c.outputs[only] = true;
      expect_like_reference(c);
    }
}

TEST(Recurrent, ActivationsByName) {
  RecurrentCase c;
  c.cell = "RNN", c.activations = {"Relu"};
  expect_like_reference(c);
  c.activations = {"Sigmoid", "Tanh"}, c.direction = "bidirectional";
  expect_like_reference(c);
  c.cell = "LSTM", c.activations = {"Sigmoid", "Relu", "Tanh", "Tanh", "Tanh", "Sigmoid"};
  expect_like_reference(c);
  c.activations = {"HardSigmoid", "Relu", "Tanh", "Tanh", "Tanh", "Sigmoid"}, c.fast = false;
  expect_like_reference(c);
}

TEST(Recurrent, RefusesLengthsBeyondTheSteps) {
  for (const int32_t length : {-1, 6}) {
    Maker maker;
    RecurrentCase c;
    c.has_lengths = true;
    maker.graph().add_output(add_layer(maker, c)->output(0));
    Tensor lengths(DataType::kInt32, {c.batch});
    lengths.data<int32_t>()[1] = length;
    maker.fed[1] = lengths;
    EXPECT_THROW(run_on_engine(maker, maker.fed, 2), Error);
  }
}

}  // namespace
}  // namespace slipway::engine
