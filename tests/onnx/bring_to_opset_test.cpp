// Writing down to older opsets: bodies, functions, what is left over, and what is refused. That each operator
// computes the same is for tests/oracles/test_opset_down.py, which has ONNX's own cases and ONNX Runtime.
#include "onnx/opset/bring_to_opset.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "base/error.hpp"
#include "graph/validate.hpp"
#include "ops/infer_types.hpp"
#include "reference/interpreter.hpp"

namespace slipway {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Tensor list(std::vector<int64_t> elements) {
  return Tensor::from<int64_t>({static_cast<int64_t>(elements.size())}, std::span<const int64_t>(elements));
}

std::vector<std::string> operators_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node* node = graph.first_node(); node; node = node->next()) names.push_back(node->op_type());
  return names;
}

class BringToOpset : public testing::Test {
 protected:
  BringToOpset() { model_.opset_imports.set("", kNewestOpset); }

  Value* input(Shape shape) {
    return graph().add_input("x", Type::tensor(DataType::kFloat, std::move(shape)));
  }
  Graph& graph() { return *model_.graph; }
  std::string refusal(int64_t opset) {
    try {
      bring_to_opset(model_, opset);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  // What the model makes of 0, 1, 2 …
  std::vector<float> run(Dims dims) {
    Model model = clone(model_);
    bring_to_opset(model, kNewestOpset);
    Tensor x(DataType::kFloat, std::move(dims));
    float next = 0;
    for (float& element : x.data<float>()) element = next++;
    const auto outputs = reference::run(model, {{"x", x}}, ops::standard_operators());
    const auto made = outputs[0].tensor().data<float>();
    return {made.begin(), made.end()};
  }

  Model model_;
};

// In files of IR versions below 4 it would be the constant that nodes were planned for.
TEST_F(BringToOpset, InitializersOfInputsAreWhatIsDeclared) {
  Value* x = input({3, Dim::symbol("n")});
  graph().add_output(graph().add_node("Neg", {x})->outputs()[0]);
  for (int64_t ir_version : {3, 10}) {
    model_.ir_version = ir_version;
    for (const Tensor& wrong : {Tensor(DataType::kString, {3, 2}), Tensor(DataType::kFloat, {4, 2}),
                                Tensor(DataType::kFloat, {3})}) {
      graph().set_initializer(x, Constant{wrong, {}, {}});
      EXPECT_THAT(refusal(13), AllOf(HasSubstr("the initializer of the input 'x'"), HasSubstr("f32[3,n]"),
                                     HasSubstr(wrong.describe())));
    }
  }
  graph().set_initializer(x, Constant{Tensor(DataType::kFloat, {3, 5}), {}, {}});
  EXPECT_EQ(refusal(13), "");
}

TEST_F(BringToOpset, AxesBecomeAttributesAndLeaveNothingBehind) {
  Value* axes = graph().add_initializer("axes", list({1}));
  graph().add_output(graph().add_node("ReduceMean", {input({2, 3}), axes})->output(0));
  const auto before = run({2, 3});
  bring_to_opset(model_, 13);
  validate(model_);
  EXPECT_EQ(graph().first_node()->ints_attribute("axes", {}), std::vector<int64_t>{1});
  EXPECT_EQ(graph().find_value("axes"), nullptr);
  EXPECT_EQ(model_.opset_imports.version(""), 13);
  EXPECT_EQ(model_.ir_version, 7);
  EXPECT_EQ(run({2, 3}), before);
}

TEST_F(BringToOpset, AnUnevenSplitOfAnOpenSizeIsComputed) {
  Node* split = graph().add_node("Split", {input({Dim::symbol("n")})}, 3);
  split->set_attribute("num_outputs", int64_t{3});
  graph().add_output(split->output(2));
  bring_to_opset(model_, 13);
  validate(model_);
  EXPECT_EQ(run({8}), (std::vector<float>{6, 7}));
  EXPECT_EQ(run({9}), (std::vector<float>{6, 7, 8}));
}

TEST_F(BringToOpset, AGroupNormalizationIsOneOfInstancesInBetween) {
  const std::vector<float> numbers{1, 2, 3, 4};
  Value* scale = graph().add_initializer("scale", Tensor::from<float>({4}, std::span<const float>(numbers)));
  Node* norm = graph().add_node("GroupNormalization", {input({Dim::symbol("n"), 4, 3}), scale, scale});
  norm->set_attribute("num_groups", int64_t{2});
  graph().add_output(norm->output(0));
  const auto before = run({2, 4, 3});
  bring_to_opset(model_, 17);
  validate(model_);
  EXPECT_EQ(operators_of(graph()),
            (std::vector<std::string>{"Reshape", "InstanceNormalization", "Reshape", "Mul", "Add"}));
  const auto after = run({2, 4, 3});
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) EXPECT_NEAR(after[i], before[i], 1e-5) << i;
}

TEST_F(BringToOpset, ABiasOfZerosIsNotAdded) {
  Value* scale = graph().add_initializer("scale", Tensor::from<float>({2}, std::vector<float>{1, 2}));
  Value* bias = graph().add_initializer("bias", Tensor::from<float>({2}, std::vector<float>{0, 0}));
  Node* norm = graph().add_node("GroupNormalization", {input({1, 2, 3}), scale, bias});
  norm->set_attribute("num_groups", int64_t{1});
  graph().add_output(norm->output(0));
  bring_to_opset(model_, 17);
  validate(model_);
  EXPECT_THAT(operators_of(graph()),
              testing::ElementsAre("Reshape", "InstanceNormalization", "Reshape", "Mul"));
}

TEST_F(BringToOpset, SizesThatAreKnownAreConstants) {
  const auto add_heads = [&](const char* name, int64_t heads) {
    return graph().add_input(name, Type::tensor(DataType::kFloat, Shape{1, heads, 3, 4}));
  };
  const std::vector<Value*> inputs = {add_heads("q", 4), add_heads("k", 2), add_heads("v", 2)};
  graph().add_output(graph().add_node("Attention", inputs)->output(0));
  bring_to_opset(model_, 22);
  EXPECT_THAT(operators_of(graph()),
              testing::ElementsAre("Unsqueeze", "Expand", "Reshape", "Unsqueeze", "Expand", "Reshape",
                                   "Transpose", "Mul", "MatMul", "Softmax", "MatMul"));
  validate(model_);
}

// A mask of the data's type is a Cast since opset 10, and the ratio an input since 12.
TEST_F(BringToOpset, ADropoutWhoseMaskIsReadIsBroughtUpWithItsRatio) {
  model_.opset_imports.set("", 7);
  Node* dropout = graph().add_node("Dropout", {input({2, 2})}, 2);
  dropout->set_attribute("ratio", 0.3F);
  graph().add_output(graph().add_node("Add", {dropout->output(0), dropout->output(1)})->output(0));
  EXPECT_EQ(run({2, 2}), (std::vector<float>{1, 2, 3, 4}));
}

TEST_F(BringToOpset, BodiesAreConverted) {
  Value* x = input({2, 3});
  auto body = std::make_unique<Graph>("then");
  body->add_output(body->add_node("Gelu", {x})->output(0));
  auto other = std::make_unique<Graph>("else");
  other->add_output(other->add_node("Mish", {x})->output(0));
  Node* choice = graph().add_node("If", {graph().add_initializer("yes", Tensor::scalar(true))});
  choice->set_attribute("then_branch", std::move(body));
  choice->set_attribute("else_branch", std::move(other));
  graph().add_output(choice->output(0));
  bring_to_opset(model_, 17);
  validate(model_);
  const auto& then = *choice->find_attribute("then_branch")->as<std::unique_ptr<Graph>>();
  EXPECT_EQ(operators_of(*then), (std::vector<std::string>{"Div", "Erf", "Add", "Mul", "Mul"}));
  EXPECT_NEAR(run({2, 3})[1], 0.8413447f, 1e-6f);
}

// Its input has the type that its calls give it.
TEST_F(BringToOpset, FunctionsAreConverted) {
  Function function;
  function.domain = "shop";
  function.name = "Twice";
  function.opset_imports.set("", kNewestOpset);
  function.body = std::make_unique<Graph>("Twice");
  Value* parameter = function.body->add_input("p", {});
  Value* bent = function.body->add_node("Gelu", {parameter})->output(0);
  function.body->add_output(function.body->add_node("Add", {bent, bent})->output(0));
  model_.functions.push_back(std::move(function));
  model_.opset_imports.set("shop", 1);
  graph().add_output(graph().add_node("Twice", {input({2})}, 1, "shop")->output(0));
  bring_to_opset(model_, 13);
  validate(model_);
  EXPECT_EQ(model_.functions[0].opset_imports.version(""), 13);
  EXPECT_EQ(operators_of(*model_.functions[0].body).back(), "Add");
  EXPECT_EQ(model_.ir_version, 8);
  EXPECT_NEAR(run({2})[1], 1.6826894f, 1e-6f);
}

TEST_F(BringToOpset, EveryNodeThatCannotBeSaidIsNamed) {
  Value* shape = graph().add_input("shape", Type::tensor(DataType::kInt64, Shape{1}));
  graph().add_output(graph().add_node("ReduceMax", {input({2}), shape}, 1, "", "first")->output(0));
  Node* cast = graph().add_node("Cast", {graph().find_value("x")}, 1, "", "second");
  cast->set_attribute("to", static_cast<int64_t>(DataType::kFloat8e4m3fn));
  graph().add_output(cast->output(0));
  const std::string text = refusal(17);
  EXPECT_THAT(text, HasSubstr("2 nodes cannot be said in opset 17"));
  EXPECT_THAT(text, HasSubstr("'first' (ReduceMax): input 'axes' is computed, and was an attribute"));
  EXPECT_THAT(text,
              HasSubstr("'second' (Cast): output 0 cannot be f8e4m3fn in Cast-13; that came with opset 19"));
}

TEST_F(BringToOpset, AnAxisToBroadcastFromIsOneOfTheInput) {
  const auto refused = [this](int64_t axis, Shape other) {
    model_.graph = std::make_unique<Graph>();
    model_.opset_imports.set("", 6);
    Value* second = graph().add_input("y", Type::tensor(DataType::kFloat, std::move(other)));
    Node* sum = graph().add_node("Add", {input({2, 3}), second});
    sum->set_attribute("broadcast", int64_t{1});
    sum->set_attribute("axis", axis);
    graph().add_output(sum->output(0));
    return refusal(kNewestOpset);
  };
  EXPECT_EQ(refused(0, {2}), "");
  EXPECT_EQ(refused(-2, {2}), "");
  EXPECT_THAT(refused(std::numeric_limits<int64_t>::min(), {2}), HasSubstr("'axis' is none of its input's"));
  EXPECT_THAT(refused(std::numeric_limits<int64_t>::max(), {1, 1, 1, 2}), HasSubstr("none of its input's"));
  EXPECT_THAT(refused(1, {2, 3}), HasSubstr("leaves no room for the second input"));
}

TEST_F(BringToOpset, OpsetsThatCannotBeWrittenAreRefused) {
  graph().add_output(graph().add_node("Relu", {input({2})})->output(0));
  EXPECT_THAT(refusal(6), HasSubstr("opset 6 is asked for, but 7 to 27 can be written"));
  EXPECT_THAT(refusal(28), HasSubstr("opset 28 is asked for"));
}

}  // namespace
}  // namespace slipway
