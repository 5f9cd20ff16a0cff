// What becomes of a Gradient in the graph. The derivatives' values are held against PyTorch's by
// tests/oracles/test_gradient.py.
#include "passes/gradient/expand_gradients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"
#include "graph/validate.hpp"

namespace slipway::passes {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class ExpandGradients : public testing::Test {
 protected:
  ExpandGradients() {
    model_.opset_imports.set("", kNewestOpset);
    x_ = graph().add_input("x", Type::tensor(DataType::kFloat, Shape{3}));
  }
  Graph& graph() { return *model_.graph; }
  // d(y)/d(xs), at the values themselves.
  Node* gradient(const std::string& y, const std::vector<std::string>& xs) {
    std::vector<Value*> inputs;
    for (const std::string& name : xs) inputs.push_back(graph().find_value(name));
    Node* node = graph().add_node("Gradient", inputs, xs.size(), "ai.onnx.preview.training");
    node->set_attribute("xs", xs);
    node->set_attribute("y", y);
    return node;
  }
  void expand() { expand_gradients(model_, ops::standard_operators()); }
  int count(std::string_view op_type) {
    int found = 0;
    for (const Node* node = graph().first_node(); node; node = node->next())
      found += node->op_type() == op_type;
    return found;
  }

  Model model_;
  Value* x_;
};

TEST_F(ExpandGradients, ReusesTheForwardPassAndKeepsNames) {
  Value* y = graph().add_node("Exp", {x_})->output(0);
  Node* node = gradient(y->name(), {"x"});
  graph().rename(node->output(0), "dx");
  graph().add_output(node->output(0));
  expand();
  validate(graph());
  EXPECT_EQ(count("Gradient"), 0);
  EXPECT_EQ(count("Exp"), 1);
  EXPECT_EQ(graph().outputs()[0]->name(), "dx");
  EXPECT_FALSE(y->uses().empty());
}

TEST_F(ExpandGradients, LeavesOtherModelsAlone) {
  graph().add_output(graph().add_node("Exp", {x_})->output(0));
  expand();
  EXPECT_EQ(graph().node_count(), 1U);
}

TEST_F(ExpandGradients, OrdersNodesThatStandBehindTheGradient) {
  Value* y = graph().add_value("y");
  Node* node = gradient("y", {"x"});
  graph().add_output(node->output(0));
  graph().add_node_with_outputs("Exp", {x_}, {y});
  expand();
  validate(graph());
}

TEST_F(ExpandGradients, RefusesWhatDependsOnItself) {
  Value* y = graph().add_value("y");
  Node* node = gradient("y", {"x"});
  graph().add_node_with_outputs("Mul", {x_, node->output(0)}, {y});
  graph().add_output(y);
  EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr("its y depends on what it makes")));
}

TEST_F(ExpandGradients, RefusesALeafThatDependsOnOthers) {
  Node* halves = graph().add_node("Split", {x_}, 2);
  halves->set_attribute("num_outputs", int64_t{2});
  Value* y = graph().add_node("Concat", {halves->output(0), halves->output(1)})->output(0);
  y->producer()->set_attribute("axis", int64_t{0});
  graph().add_output(gradient(y->name(), {"x", halves->output(0)->name()})->output(0));
  EXPECT_THAT([&] { expand(); },
              ThrowsMessage<Error>(HasSubstr("depends on other values that xs and zs name")));
}

TEST_F(ExpandGradients, TurnsAxesThatAreCountedFromTheEnd) {
  Value* y =
      graph().add_node("Transpose", {graph().add_input("m", Type::tensor(DataType::kFloat))})->output(0);
  y->producer()->set_attribute("perm", std::vector<int64_t>{-2, 0, -1});
  graph().add_output(gradient(y->name(), {"m"})->output(0));
  expand();
  const Node* back = graph().outputs()[0]->producer()->input(0)->producer();
  ASSERT_EQ(back->op_type(), "Transpose");
  EXPECT_EQ(back->ints_attribute("perm", {}), (std::vector<int64_t>{1, 0, 2}));
}

// Which inference cannot know of a tensor of unknown rank.
TEST_F(ExpandGradients, RefusesAxesThatNoTensorHas) {
  Value* m = graph().add_input("m", Type::tensor(DataType::kFloat));
  Value* turned = graph().add_node("Transpose", {m})->output(0);
  turned->producer()->set_attribute("perm", std::vector<int64_t>{1, 2});
  Value* joined = graph().add_node("Concat", {m, m})->output(0);
  joined->producer()->set_attribute("axis", std::numeric_limits<int64_t>::max());
  const auto refuses = [&](Value* y, const char* text) {
    Node* node = gradient(y->name(), {"m"});
    EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr(text)));
    graph().erase(node);
  };
  refuses(turned, "perm [1,2] has 2 axes, but names axis 2");
  refuses(joined, "axis is 9223372036854775807");
}

TEST_F(ExpandGradients, RefusesAnInputThatTheCallOfItsFunctionLeavesOut) {
  Function function{"local", "Slope", "", {}, {}, {}, std::make_unique<Graph>(), {}};
  function.opset_imports.set("", kNewestOpset);
  Value* x = function.body->add_input("x", {});
  Node* node = function.body->add_node("Gradient", {x}, 1, "ai.onnx.preview.training");
  node->set_attribute("xs", std::vector<std::string>{"x"});
  node->set_attribute("y", "x");
  function.body->add_output(node->output(0));
  model_.functions.push_back(std::move(function));
  graph().add_output(graph().add_node("Slope", {nullptr}, 1, "local")->output(0));
  EXPECT_THAT(
      [&] { expand(); },
      ThrowsMessage<Error>(HasSubstr("an input of its function that the function's call leaves out")));
}

// Inference leaves such a branch alone.
TEST_F(ExpandGradients, RefusesAMissingInputInABranchThatIsNeverTaken) {
  auto taken = std::make_unique<Graph>("taken"), other = std::make_unique<Graph>("other");
  for (Graph* branch : {taken.get(), other.get()})
    branch->add_output(branch->add_initializer("zero", Tensor::scalar(0.0F)));
  Value* x = other->add_initializer("weights", Tensor::from<float>({2}, std::vector<float>{1, 2}));
  Value* y = other->add_node("MatMul", {nullptr, x})->output(0);
  Node* node = other->add_node("Gradient", {x}, 1, "ai.onnx.preview.training");
  node->set_attribute("xs", std::vector<std::string>{"weights"});
  node->set_attribute("y", y->name());
  Node* choice = graph().add_node("If", {graph().add_initializer("takes", Tensor::scalar(true))});
  choice->set_attribute("then_branch", std::move(taken));
  choice->set_attribute("else_branch", std::move(other));
  graph().add_output(choice->output(0));
  EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr("input 'A' (number 0) is missing")));
}

TEST_F(ExpandGradients, RefusesASplitWhoseOutputsAreLeftOut) {
  Value* y = x_;
  for (int i = 0; i < 2; ++i) {
    Value* half = graph().add_value("half" + std::to_string(i));
    Node* split = graph().add_node_with_outputs("Split", {y}, {half, nullptr});
    split->set_attribute("num_outputs", int64_t{2});
    y = half;
  }
  Node* node = gradient(y->name(), {"x"});
  graph().add_output(node->output(0));
  EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr("needs its output 1, which is left out")));
}

// What they are derived along is inferred once for all.
TEST_F(ExpandGradients, ExpandsThoseOfOnePathTogether) {
  Value* y = x_;
  for (int i = 0; i < 10; ++i) y = graph().add_node("Tanh", {y})->output(0);
  for (int i = 0; i < 10; ++i) graph().add_output(gradient(y->name(), {"x"})->output(0));
  Value* slope = gradient(y->name(), {"x"})->output(0);
  graph().add_output(gradient(slope->name(), {"x"})->output(0));
  expand();
  validate(graph());
  EXPECT_EQ(count("Gradient"), 0);
}

TEST_F(ExpandGradients, RefusesManyOrders) {
  Value* y = graph().add_node("Neg", {x_})->output(0);
  for (int order = 0; order < 33; ++order) y = gradient(y->name(), {"x"})->output(0);
  graph().add_output(y);
  EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr("nested deeper than 32")));
}

// Each derivative of this product has several times the nodes of the one before.
TEST_F(ExpandGradients, RefusesDerivativesWithoutEnd) {
  Value* y = graph().add_node("Tanh", {x_})->output(0);
  for (int order = 0; order < 40; ++order) y = gradient(y->name(), {"x"})->output(0);
  graph().add_output(y);
  EXPECT_THAT([&] { expand(); }, ThrowsMessage<Error>(HasSubstr("more than 250000 nodes")));
}

}  // namespace
}  // namespace slipway::passes
