// Models that draw random numbers: right generators pass, and each kind of wrong one is found out. The wrong
// ones are our own engine on a model that was spoiled behind the judge's back.
#include "workbench/drawn_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "graph/model.hpp"
#include "ops/cast.hpp"

namespace slipway::workbench {
namespace {

using testing::HasSubstr;

using Change = std::function<void(Graph&)>;

class SpoiledBackend : public backends::Backend {
 public:
  explicit SpoiledBackend(Change spoil) : spoil_(std::move(spoil)) {}
  std::string_view name() const override { return "spoiled"; }
  std::string unavailable_reason(const backends::CompileOptions&) const override { return ""; }
  std::string version(const backends::CompileOptions&) const override { return ""; }
  std::vector<backends::Obstacle> obstacles(const slipway::Model&,
                                            const backends::CompileOptions&) const override {
    return {};
  }
  std::unique_ptr<backends::Executable> compile(const backends::ModelSource& source,
                                                const backends::CompileOptions& options) const override {
    auto model = std::make_shared<slipway::Model>(clone(*source.model));
    spoil_(*model->graph);
    return backends::find_backend("native").compile({"", model}, options);
  }

 private:
  Change spoil_;
};

Node* find(Graph& graph, std::string_view op_type) {
  for (Node* node = graph.first_node(); node; node = node->next())
    if (node->is(op_type)) return node;
  return nullptr;
}

// x → a draw, with a seed → times 3 → y. Without x when `input` is undefined.
struct DrawnCase {
  slipway::Model model;
  std::vector<RuntimeValue> inputs;
  std::vector<RuntimeValue> expected;

  DrawnCase(const std::string& op_type, std::vector<std::pair<std::string, float>> settings, Tensor input,
            Dims output_dims, DataType output_type = DataType::kFloat) {
    model.opset_imports.set("", kNewestOpset);
    Graph& graph = *model.graph;
    std::vector<Value*> node_inputs;
    if (input.defined()) {
      node_inputs.push_back(
          graph.add_input("x", Type::tensor(input.type(), Shape(input.dims().begin(), input.dims().end()))));
      inputs.push_back(input);
    }
    Node* draw = graph.add_node(op_type, node_inputs);
    for (const auto& [name, value] : settings) draw->set_attribute(name, value);
    Value* three = graph.add_initializer("three", ops::cast_elements(Tensor::scalar(3.0), output_type));
    Value* y = graph.add_node("Mul", {draw->output(0), three})->output(0);
    y->set_type(Type::tensor(output_type, Shape(output_dims.begin(), output_dims.end())));
    graph.add_output(y);
    expected.emplace_back(Tensor(output_type, std::move(output_dims)));
  }
  Node& draw() const { return *model.graph->first_node(); }

  std::string judge(const Change& spoil = [](Graph&) {}) const {
    const SpoiledBackend backend(spoil);
    const auto drawn = DrawnModel::open(model, backend, {.threads = 1, .library = {}});
    return drawn ? drawn->judge(inputs, expected, {1e-3, 1e-7}) : "not by distribution";
  }
};

DrawnCase bernoulli() {
  return {"Bernoulli",
          {{"seed", 1.0F}},
          Tensor::from<float>({2, 3}, std::vector<float>{0, 0.1F, 0.5F, 0.999F, 1e-5F, 1}),
          {2, 3}};
}
DrawnCase uniform() {
  return {"RandomUniformLike",
          {{"low", -1.0F}, {"high", 3.0F}, {"seed", 2.0F}},
          Tensor(DataType::kFloat, {2, 3}),
          {2, 3}};
}
DrawnCase normal() {
  DrawnCase made("RandomNormal", {{"mean", 2.0F}, {"scale", 0.5F}, {"seed", 5.0F}}, {}, {4, 1});
  made.draw().set_attribute("shape", std::vector<int64_t>{4, 1});
  return made;
}
DrawnCase multinomial() {
  DrawnCase made("Multinomial", {{"seed", 3.0F}},
                 Tensor::from<float>(
                     {2, 3}, std::vector<float>{0, 1, 2, -1, -std::numeric_limits<float>::infinity(), 3}),
                 {2, 7}, DataType::kInt32);
  made.draw().set_attribute("sample_size", int64_t{7});
  return made;
}

TEST(DrawnModel, RightGeneratorsPass) {
  EXPECT_EQ(bernoulli().judge(), "");
  EXPECT_EQ(uniform().judge(), "");
  EXPECT_EQ(normal().judge(), "");
  EXPECT_EQ(multinomial().judge(), "");
  DrawnCase half = normal();
  half.draw().set_attribute("dtype", static_cast<int64_t>(DataType::kBfloat16));
  half.model.graph->set_input(half.draw().next(), 1,
                              half.model.graph->add_initializer(
                                  "three_", ops::cast_elements(Tensor::scalar(3.0), DataType::kBfloat16)));
  half.expected = {Tensor(DataType::kBfloat16, {4, 1})};
  half.model.graph->outputs()[0]->set_type(Type::tensor(DataType::kBfloat16, Shape{4, 1}));
  EXPECT_EQ(half.judge(), "");
}

TEST(DrawnModel, OutputsHaveTheExpectedForm) {
  DrawnCase wrong = bernoulli();
  wrong.expected = {Tensor(DataType::kDouble, {2, 3})};
  EXPECT_THAT(wrong.judge(), HasSubstr("it is f32[2,3], expected was f64[2,3]"));
  wrong.expected = {Tensor(DataType::kFloat, {3, 2})};
  EXPECT_THAT(wrong.judge(), HasSubstr("expected was f32[3,2]"));
}

// Where a half was asked for, a percent more is ten deviations.
TEST(DrawnModel, FindsFrequenciesThatAreOff) {
  EXPECT_THAT(bernoulli().judge([](Graph& graph) {
    Node* draw = find(graph, "Bernoulli");
    Value* power = graph.add_initializer("power", Tensor::scalar(0.98F));
    graph.set_input(draw, 0, graph.insert_node(draw, "Pow", {draw->input(0), power})->output(0));
  }),
              HasSubstr("draws with the probability"));
  EXPECT_THAT(multinomial().judge([](Graph& graph) {
    Node* draw = find(graph, "Multinomial");
    Value* factor = graph.add_initializer("factor", Tensor::scalar(1.02F));
    graph.set_input(draw, 0, graph.insert_node(draw, "Mul", {draw->input(0), factor})->output(0));
  }),
              HasSubstr("its probability is"));
}

TEST(DrawnModel, FindsDistributionsThatAreOff) {
  const auto with = [](const char* op_type, const char* attribute, float value) {
    return [=](Graph& graph) { find(graph, op_type)->set_attribute(attribute, value); };
  };
  EXPECT_THAT(uniform().judge(with("RandomUniformLike", "high", 2.98F)), HasSubstr("is off by"));
  EXPECT_THAT(normal().judge(with("RandomNormal", "mean", 2.005F)), HasSubstr("is off by"));
  EXPECT_THAT(normal().judge(with("RandomNormal", "scale", 0.51F)), HasSubstr("is off by"));
}

TEST(DrawnModel, FindsNumbersThatCannotBeDrawn) {
  EXPECT_THAT(bernoulli().judge([](Graph& graph) {
    Node* draw = find(graph, "Bernoulli");
    Value* share = graph.add_initializer("share", Tensor::scalar(0.5F));
    graph.set_input(draw, 0, graph.insert_node(draw, "Mul", {draw->input(0), share})->output(0));
  }),
              testing::AnyOf(HasSubstr("came of the probability 1"), HasSubstr("with the probability 0.5")));
  EXPECT_THAT(uniform().judge([](Graph& graph) {
    find(graph, "RandomUniformLike")->set_attribute("low", -9.0F);
    find(graph, "RandomUniformLike")->set_attribute("high", -8.0F);
  }),
              HasSubstr("is not between -1 and 3"));
}

TEST(DrawnModel, TheSameSeedGivesTheSame) {
  EXPECT_THAT(normal().judge([](Graph& graph) { find(graph, "RandomNormal")->erase_attribute("seed"); }),
              HasSubstr("with the same seeds, it gives another output"));
}

TEST(DrawnModel, TheRestIsComputedFromWhatWasDrawn) {
  EXPECT_THAT(normal().judge([](Graph& graph) {
    if (Node* scaling = find(graph, "Mul")) graph.set_op_type(scaling, "Add");
  }),
              HasSubstr("for the numbers that were drawn, output"));
}

TEST(DrawnModel, LeavesModelsThatDrawNothing) {
  DrawnCase plain = bernoulli();
  plain.model.graph->set_op_type(&plain.draw(), "Identity");
  EXPECT_EQ(plain.judge(), "not by distribution");
}

TEST(DrawnModel, SeesIntoFunctions) {
  DrawnCase made = bernoulli();
  Function function;
  function.domain = "own";
  function.name = "Coin";
  function.opset_imports.set("", kNewestOpset);
  function.body = std::make_unique<Graph>("coin");
  Value* probability = function.body->add_input("p", {});
  function.body->add_output(function.body->add_node("Bernoulli", {probability})->output(0));
  made.model.functions.push_back(std::move(function));
  made.model.opset_imports.set("own", 1);
  made.model.graph->set_op_type(&made.draw(), "Coin", "own");
  EXPECT_EQ(made.judge(), "");
  made.expected = {Tensor(DataType::kFloat, {1})};
  EXPECT_THAT(made.judge(), HasSubstr("expected was f32[1]"));
}

}  // namespace
}  // namespace slipway::workbench
