// RNN, GRU and LSTM. Expected values are those of ONNX Runtime 1.32 where nothing else is
// said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

using Values = std::vector<double>;
using Settings = std::vector<OneOperator::Setting>;

// ±0.1, ±0.2, … times `scale`.
Tensor weights(Dims dims, double scale = 1) {
  Values values(static_cast<size_t>(element_count(dims)));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = .1 * static_cast<double>(i + 1) * scale * (i % 2 == 0 ? 1 : -1);
  return tensor_of(kFloat, std::move(dims), values);
}

Tensor biases(Dims dims) {
  Values values(static_cast<size_t>(element_count(dims)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = .05 * static_cast<double>(i + 1);
  return tensor_of(kFloat, std::move(dims), values);
}

// Three steps of two sequences.
Tensor steps() {
  return tensor_of(kFloat, {3, 2, 1}, {1, -2, .5, 3, -1, 2});
}

Tensor lengths() {
  return tensor_of(DataType::kInt32, {2}, {3, 2});
}

TEST(Recurrent, LstmRunsBothWaysWithEverything) {
  const std::vector<Tensor> inputs{steps(),
                                   weights({2, 4, 1}),
                                   weights({2, 4, 1}, .5),
                                   biases({2, 8}),
                                   lengths(),
                                   tensor_of(kFloat, {2, 2, 1}, {.1, .2, .3, .4}),
                                   tensor_of(kFloat, {2, 2, 1}, {.4, .3, .2, .1}),
                                   weights({2, 3}, .7)};
  const auto output = [&](size_t index) {
    return elements(run_operator("LSTM", inputs,
                                 {{"hidden_size", int64_t{1}}, {"direction", "bidirectional"}}, index, 3));
  };
  EXPECT_THAT(output(0), near({.19926782, .365781844, .591905594, .185058683, .243868217, .0539923795,
                               .613322556, -.162740618, .36976245, 0, .563084006, 0}));
  EXPECT_THAT(output(1), near({.36976245, .0539923795, .591905594, .185058683}));
  EXPECT_THAT(output(2), near({.691326857, .124230981, 1.23849928, .202682525}));
}

TEST(Recurrent, LstmCouplesClipsAndTakesOtherActivations) {
  const Settings settings{{"activations", std::vector<std::string>{"Sigmoid", "Tanh", "ThresholdedRelu"}},
                          {"activation_alpha", std::vector<float>{.05f}},
                          {"clip", .6f},
                          {"direction", "reverse"},
                          {"input_forget", int64_t{1}}};
  const auto output = [&](size_t index) {
    return elements(
        run_operator("LSTM", {steps(), weights({1, 4, 1}), weights({1, 4, 1}, .5)}, settings, index, 3));
  };
  EXPECT_THAT(output(0), near({0, 0, 0, 0, .0992360711, 0}));
  EXPECT_THAT(output(2), near({-.210578889, .00304213166}));
}

TEST(Recurrent, GruResetsBeforeOrAfterTheProduct) {
  const auto run = [](int64_t linear_before_reset) {
    return elements(
        run_operator("GRU", {steps(), weights({1, 3, 1}), weights({1, 3, 1}, .5), biases({1, 6}), lengths()},
                     {{"linear_before_reset", linear_before_reset}}));
  };
  EXPECT_THAT(run(0), near({.262559414, -.0725818425, .384990782, .274139702, .29297173, 0}));
  EXPECT_THAT(run(1), near({.225289941, -.117676772, .320668519, .228756189, .204814941, 0}));
}

// ONNX Runtime does not take this layout: its results of the other one, transposed.
TEST(Recurrent, RnnTakesTheBatchFirst) {
  const Tensor x = tensor_of(kFloat, {2, 3, 1}, {1, .5, -1, -2, 3, 2});
  const Settings settings{{"activations", std::vector<std::string>{"Affine", "leakyrelu"}},
                          {"activation_alpha", std::vector<float>{2, .3f}},
                          {"activation_beta", std::vector<float>{.1f}},
                          {"direction", "bidirectional"},
                          {"layout", int64_t{1}}};
  const auto output = [&](size_t index) {
    return elements(run_operator("RNN",
                                 {x, weights({2, 1, 1}), weights({2, 1, 1}, .5), biases({2, 2}), lengths()},
                                 settings, index, 2));
  };
  EXPECT_THAT(output(0), near({.6, .1305, .56, .195, .256, .55, 0, .7575, 1, -.075, 0, 0}));
  EXPECT_THAT(output(1), near({.256, .1305, 1, .7575}));
}

TEST(Recurrent, KnowsEveryActivation) {
  const auto expect = [](const char* name, std::vector<float> alpha, std::vector<float> beta,
                         const Values& values) {
    const Tensor one = tensor_of(kFloat, {1, 1, 1}, {1}), zero = tensor_of(kFloat, {1, 1, 1}, {0});
    const Tensor x = tensor_of(kFloat, {1, 4, 1}, {-2, -.5, 1, 1.5});
    EXPECT_THAT(elements(run_operator("RNN", {x, one, zero},
                                      {{"activations", std::vector<std::string>{name}},
                                       {"activation_alpha", std::move(alpha)},
                                       {"activation_beta", std::move(beta)}})),
                near(values))
        << name;
  };
  expect("Affine", {2}, {.1f}, {-3.9, -.9, 2.1, 3.1});
  expect("Elu", {.5f}, {}, {-.432332367, -.196734667, 1, 1.5});
  expect("HardSigmoid", {.3f}, {.4f}, {0, .25, .7, .85});
  expect("LeakyRelu", {.3f}, {}, {-.6, -.15, 1, 1.5});
  expect("Relu", {}, {}, {0, 0, 1, 1.5});
  expect("ScaledTanh", {1.5f}, {.7f}, {-1.32802749, -.504563391, .906551778, 1.17270947});
  expect("Sigmoid", {}, {}, {.119202919, .377540678, .731058598, .817574441});
  expect("Softplus", {}, {}, {.126928046, .474076986, 1.31326163, 1.70141327});
  expect("Softsign", {}, {}, {-.666666687, -.333333343, .5, .6});
  expect("Tanh", {}, {}, {-.964027584, -.462117136, .761594057, .905148268});
  expect("ThresholdedRelu", {1.2f}, {}, {0, 0, 0, 1.5});
}

TEST(Recurrent, TakesEmptySequencesAndHalves) {
  const Tensor empty(kFloat, {0, 2, 1});
  const Tensor start = tensor_of(kFloat, {1, 2, 1}, {3, 4});
  const std::vector<Tensor> inputs{empty, weights({1, 1, 1}), weights({1, 1, 1}), Tensor(), Tensor(), start};
  EXPECT_TRUE(run_operator("RNN", inputs, {}, 0, 2).empty());
  EXPECT_THAT(elements(run_operator("RNN", inputs, {}, 1, 2)), ElementsAre(3, 4));
  const DataType half = DataType::kFloat16;
  const Tensor y = run_operator("RNN", {tensor_of(half, {1, 1, 1}, {1}), tensor_of(half, {1, 1, 1}, {.5}),
                                        tensor_of(half, {1, 1, 1}, {0})});
  EXPECT_EQ(y.type(), half);
  EXPECT_THAT(elements(y), Pointwise(DoubleNear(5e-4), Values{std::tanh(.5)}));
}

TEST(Recurrent, InfersWithSymbols) {
  const auto type = [](const char* name, int64_t gates, int64_t layout, size_t output) {
    const OneOperator operation(
        name,
        {Type::tensor(kFloat, Shape{Dim::symbol("a"), Dim::symbol("b"), 5}),
         Type::tensor(kFloat, Shape{2, gates * 7, 5}), Type::tensor(kFloat, Shape{2, gates * 7, 7})},
        {{"direction", "bidirectional"}, {"layout", layout}}, 2);
    return operation.output_type(output);
  };
  EXPECT_EQ(type("LSTM", 4, 0, 0), "f32[a,2,b,7]");
  EXPECT_EQ(type("LSTM", 4, 0, 1), "f32[2,b,7]");
  EXPECT_EQ(type("GRU", 3, 1, 0), "f32[a,b,2,7]");
  EXPECT_EQ(type("RNN", 1, 1, 1), "f32[a,2,7]");
}

TEST(Recurrent, SaysWhatIsWrong) {
  const auto error = [](const Tensor& w, const Tensor& sequence_lens, const Settings& settings,
                        const char* text) {
    expect_error(
        [&] { run_operator("GRU", {steps(), w, weights({1, 3, 1}), Tensor(), sequence_lens}, settings); },
        text);
  };
  const Tensor w = weights({1, 3, 1});
  error(weights({1, 4, 1}), {}, {}, "W has shape [1,4,1], but [1,3,1] is expected");
  error(w, {}, {{"direction", "backward"}}, "direction is 'backward'");
  error(w, {}, {{"layout", int64_t{2}}}, "layout is 2");
  error(w, {}, {{"activations", std::vector<std::string>{"Tanh"}}}, "has 1 entries, but 2 are expected");
  error(w, {}, {{"activations", std::vector<std::string>{"Tanh", "Cos"}}}, "'Cos' in attribute activations");
  error(w, {}, {{"clip", -1.0f}}, "clip is -1");
  error(w, tensor_of(DataType::kInt32, {2}, {1, 4}), {}, "a sequence has length 4, but there are 3 steps");
  error(w, tensor_of(DataType::kInt32, {2}, {1, -1}), {}, "a sequence has length -1");
}

}  // namespace
}  // namespace slipway::ops
