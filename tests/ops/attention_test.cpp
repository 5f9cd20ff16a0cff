// The attention operators and what stands beside them in networks for text. Expected values are those of ONNX
// Runtime 1.32 where nothing else is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/graph.hpp"
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

// [1,2,2,2], [1,1,2,2], [1,1,2,1]
Tensor query() {
  return tensor_of(kFloat, {1, 2, 2, 2}, {.1, .2, .3, .4, -.5, .6, .7, -.8});
}
Tensor key() {
  return tensor_of(kFloat, {1, 1, 2, 2}, {1, -1, .5, 2});
}
Tensor value() {
  return tensor_of(kFloat, {1, 1, 2, 1}, {1, 2});
}

TEST(Attention, SharesKeysAndLooksBackOnly) {
  EXPECT_THAT(elements(run_operator("Attention", {query(), key(), value()}, {{"is_causal", int64_t{1}}})),
              near({1, 1.67753386, 1, 1.12514961}));
}

TEST(Attention, AppendsToThePastAndMasks) {
  const Tensor mask = tensor_of(DataType::kBool, {2, 3}, {1, 0, 1, 0, 1, 1});
  const std::vector<Tensor> inputs{query(),
                                   key(),
                                   value(),
                                   mask,
                                   tensor_of(kFloat, {1, 1, 1, 2}, {2, 1}),
                                   tensor_of(kFloat, {1, 1, 1, 1}, {5})};
  const auto output = [&](size_t index) {
    return elements(run_operator("Attention", inputs,
                                 {{"scale", .5f}, {"softcap", .8f}, {"qk_matmul_output_mode", int64_t{1}}},
                                 index, 4));
  };
  EXPECT_THAT(output(0), near({3.48251486, 1.61680412, 3.04797697, 1.24787164}));
  EXPECT_THAT(output(1), ElementsAre(2, 1, 1, -1, .5, 2));
  EXPECT_THAT(output(2), ElementsAre(5, 1, 2));
  EXPECT_THAT(output(3), near({.195934936, -.0499349982, .219249278, .44367981, -.0499349944, .426069826,
                               -.195934936, -.477098912, .426069826, .286685914, .587257206, -.522738874}));
}

TEST(Attention, UnpacksHeads) {
  const Tensor packed = tensor_of(kFloat, {1, 2, 4}, {.1, .2, -.5, .6, .3, .4, .7, -.8});
  const Tensor y = run_operator("Attention", {packed, key().reshaped({1, 2, 2}), value().reshaped({1, 2, 1})},
                                {{"q_num_heads", int64_t{2}}, {"kv_num_heads", int64_t{1}}});
  EXPECT_EQ(y.dims(), (Dims{1, 2, 2}));
  EXPECT_THAT(elements(y), near({1.59601998, 1.80993211, 1.67753386, 1.12514961}));
}

TEST(Attention, LeavesPaddingOut) {
  const auto twice = [](const Tensor& tensor) {
    Values values = elements(tensor);
    values.insert(values.end(), values.begin(), values.begin() + tensor.count());
    Dims dims = tensor.dims();
    dims[0] = 2;
    return tensor_of(kFloat, dims, values);
  };
  const Tensor mask = tensor_of(kFloat, {2, 2}, {.5, .25, 0, 1});
  const Tensor y = run_operator("Attention", {twice(query()), twice(key()), twice(value()), mask, Tensor(),
                                              Tensor(), integers({1, 2})});
  EXPECT_THAT(elements(y), near({1, 1, 1, 1, 1.53467131, 1.85099959, 1.768448, 1.27998352}));
}

TEST(Attention, AShorterMaskLeavesTheRestOut) {
  // Three keys of which the mask reaches two: the third counts for nothing.
  const Tensor keys = tensor_of(kFloat, {1, 1, 3, 2}, {1, -1, .5, 2, 9, 9});
  const Tensor values = tensor_of(kFloat, {1, 1, 3, 1}, {1, 2, 1000});
  const Tensor mask = tensor_of(DataType::kBool, {2, 2}, {1, 1, 1, 1});
  EXPECT_THAT(elements(run_operator("Attention", {query(), keys, values, mask})),
              near(elements(run_operator("Attention", {query(), key(), value()}))));
}

TEST(Attention, SaysWhatIsWrong) {
  const Tensor past = tensor_of(kFloat, {1, 1, 1, 2}, {2, 1});
  expect_error([&] { run_operator("Attention", {query(), key(), value(), Tensor(), past}); },
               "past_key and past_value must be given together");
  expect_error(
      [&] { run_operator("Attention", {query(), key(), tensor_of(kFloat, {1, 1, 3, 1}, {1, 2, 3})}); },
      "do not belong together");
  expect_error(
      [&] { run_operator("Attention", {query(), key(), value(), tensor_of(kFloat, {3, 2}, Values(6))}); },
      "cannot be broadcast");
  expect_error(
      [&] { run_operator("Attention", {query(), key(), value()}, {{"qk_matmul_output_mode", int64_t{4}}}); },
      "qk_matmul_output_mode is 4");
  expect_error(
      [&] {
        run_operator("Attention",
                     {query().reshaped({1, 2, 4}), key().reshaped({1, 2, 2}), value().reshaped({1, 2, 1})});
      },
      "attribute q_num_heads");
}

TEST(Attention, ThereAreNoManyHeadsOfNoSize) {
  const Tensor none(kFloat, {1, 1, 0});
  const int64_t many = 1'000'000'000;
  expect_error(
      [&] { run_operator("Attention", {none, none, none}, {{"q_num_heads", many}, {"kv_num_heads", many}}); },
      "cannot be divided into 1000000000 heads");
  expect_error([&] { run_operator("RotaryEmbedding", {none, none, none}, {{"num_heads", many}}); },
               "num_heads is 1000000000");
  expect_error(
      [&] {
        run_operator("LinearAttention", {none, none, none},
                     {{"q_num_heads", many}, {"kv_num_heads", many}, {"update_rule", "linear"}}, 0, 2);
      },
      "cannot be divided into 1000000000 and 1000000000 heads");
}

// score_mod makes every score 0, so that values are averaged; prob_mod then doubles.
TEST(FlexAttention, RunsTheModelsGraphs) {
  Graph graph;
  const Tensor tensors[] = {query(), key(), value()};
  std::vector<Value*> inputs;
  for (size_t i = 0; i < 3; ++i)
    inputs.push_back(graph.add_input("x" + std::to_string(i), type_of(tensors[i])));
  Node* node = graph.add_node("FlexAttention", inputs, 1, "ai.onnx.preview");
  const auto body = [&](const char* name, const char* op_type) {
    auto made = std::make_unique<Graph>();
    Value* input = made->add_input("s", Type::tensor(kFloat, Shape{1, 2, 2, 2}));
    made->add_output(made->add_node(op_type, {input, input})->output(0));
    node->set_attribute(name, std::move(made));
  };
  body("score_mod", "Sub");
  body("prob_mod", "Add");
  const std::vector<RuntimeValue> values(std::begin(tensors), std::end(tensors));
  EXPECT_EQ(infer_types_for(graph, standard_operators(), {}).type(node->output(0)).to_string(),
            "f32[1,2,2,1]");
  const auto outputs = reference::run_node(*node, values, standard_operators());
  EXPECT_THAT(elements(outputs.at(0).tensor()), ElementsAre(3, 3, 3, 3));
}

TEST(RotaryEmbedding, TurnsAPartOfEachHead) {
  const Tensor x = tensor_of(kFloat, {1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Settings settings{{"num_heads", int64_t{1}}, {"rotary_embedding_dim", int64_t{2}}};
  const auto run = [&](const std::vector<int64_t>& positions) {
    return elements(run_operator("RotaryEmbedding",
                                 {x, tensor_of(kFloat, {2, 1}, {.5, .8}), tensor_of(kFloat, {2, 1}, {.1, .6}),
                                  Tensor::from<int64_t>({1, 2}, positions)},
                                 settings));
  };
  EXPECT_THAT(run({1, 0}), near({-.4, 2.2, 3, 4, 1.9, 3.5, 7, 8}));
  expect_error([&] { run({0, 2}); }, "position 2 is outside the caches of 2 positions");
}

// By hand: the state is 2 · 3, then half of it and 1 · 4; the query reads 5 times the state.
TEST(LinearAttention, ForgetsByItsGate) {
  const auto one = [](Values values) { return tensor_of(kFloat, {1, 2, 1}, values); };
  const double half = std::log(.5);
  const Settings settings{
      {"q_num_heads", int64_t{1}}, {"kv_num_heads", int64_t{1}}, {"update_rule", "gated"}};
  const std::vector<Tensor> inputs{one({5, 5}), one({2, 1}), one({3, 4}), Tensor(), one({0, half})};
  EXPECT_THAT(elements(run_operator("LinearAttention", inputs, settings, 0, 2)), near({30, 35}));
  EXPECT_THAT(elements(run_operator("LinearAttention", inputs, settings, 1, 2)), near({7}));
  expect_error(
      [&] { run_operator("LinearAttention", {one({1, 1}), one({1, 1}), one({1, 1})}, settings, 0, 2); },
      "input 'decay' is missing");
}

// By hand.
TEST(CausalConvWithState, CarriesThePastOn) {
  const Tensor w = tensor_of(kFloat, {1, 1, 3}, {100, 10, 1});
  const auto output = [&](const std::vector<Tensor>& inputs, size_t index) {
    return elements(run_operator("CausalConvWithState", inputs, {}, index, 2));
  };
  const Tensor x = tensor_of(kFloat, {1, 1, 1}, {3});
  EXPECT_THAT(output({x, w}, 0), ElementsAre(3));
  EXPECT_THAT(output({x, w}, 1), ElementsAre(0, 3));
  const Tensor past = tensor_of(kFloat, {1, 1, 2}, {1, 2});
  EXPECT_THAT(output({x, w, tensor_of(kFloat, {1}, {.5}), past}, 0), ElementsAre(123.5));
  EXPECT_THAT(output({x, w, Tensor(), past}, 1), ElementsAre(2, 3));
  expect_error([&] { output({x, w, Tensor(), x}, 0); },
               "past_state has shape [1,1,1], but [1,1,2] is expected");
}

}  // namespace
}  // namespace slipway::ops
