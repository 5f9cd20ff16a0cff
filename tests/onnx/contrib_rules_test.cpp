// What ONNX Runtime's own operators become; their numbers are held against ONNX Runtime in tests/oracles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"
#include "onnx/opset/bring_to_newest.hpp"

namespace slipway {
namespace {

Type f32(Shape shape) {
  return Type::tensor(DataType::kFloat, std::move(shape));
}

std::vector<std::string> operators_of(const Model& model) {
  std::vector<std::string> found;
  for (const Node* node = model.graph->first_node(); node; node = node->next())
    found.push_back(node->domain() + ":" + node->op_type());
  return found;
}

class ContribRulesTest : public testing::Test {
 protected:
  ContribRulesTest() {
    model_.opset_imports.set("", kNewestOpset);
    model_.opset_imports.set("com.microsoft", 1);
  }

  Node* add(const char* op_type, std::vector<Value*> inputs, size_t outputs = 1) {
    Node* node = graph().add_node(op_type, std::move(inputs), outputs, "com.microsoft", "the_node");
    graph().add_output(node->output(0));
    return node;
  }
  Graph& graph() { return *model_.graph; }

  Model model_;
};

// Even in a model of the newest opset, whose standard operators need no rule.
TEST_F(ContribRulesTest, FusedConvIsTakenApart) {
  Node* node =
      add("FusedConv", {graph().add_input("x", f32({1, 3, 8, 8})), graph().add_input("w", f32({4, 3, 3, 3})),
                        nullptr, graph().add_input("z", f32({1, 4, 6, 6}))});
  node->set_attribute("activation", "Relu");
  const std::string output = node->output(0)->name();
  bring_to_newest(model_);
  EXPECT_EQ(operators_of(model_), (std::vector<std::string>{":Conv", ":Add", ":Relu"}));
  EXPECT_EQ(graph().outputs()[0]->name(), output);
}

TEST_F(ContribRulesTest, MatrixOfUnknownRankIsTransposedAllTheSame) {
  Node* node = add("FusedMatMul", {graph().add_input("a", Type::tensor(DataType::kFloat)),
                                   graph().add_input("b", Type::tensor(DataType::kFloat))});
  node->set_attribute("transB", int64_t{1});
  bring_to_newest(model_);
  EXPECT_EQ(operators_of(model_), (std::vector<std::string>{":Einsum", ":MatMul"}));
}

TEST_F(ContribRulesTest, WhatTheStandardCannotSayIsRefusedByName) {
  Node* node = add("FusedGemm", {graph().add_input("a", f32({2, 3})), graph().add_input("b", f32({3, 4}))});
  node->set_attribute("activation", "Sawtooth");
  try {
    bring_to_newest(model_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("the_node"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("Sawtooth"), std::string::npos) << error.what();
  }
}

class SimplifiedLayerNormalization : public ContribRulesTest {
 protected:
  // Whose second output is read.
  void bring(const Type& type, int64_t axis) {
    Node* node = graph().add_node("SimplifiedLayerNormalization",
                                  {graph().add_input("x", type), graph().add_input("scale", f32({4}))}, 2);
    node->set_attribute("axis", axis);
    graph().add_output(node->output(0));
    graph().add_output(node->output(1));
    bring_to_newest(model_);
  }
};

TEST_F(SimplifiedLayerNormalization, RefusesAxesThatNoTensorHas) {
  const Type types[] = {f32({2, 4}), Type::tensor(DataType::kFloat)};
  for (const Type& type : types)
    for (const int64_t axis : {std::numeric_limits<int64_t>::min(), -(int64_t{1} << 31)}) {
      model_.graph = std::make_unique<Graph>();
      EXPECT_THAT([&] { bring(type, axis); },
                  testing::ThrowsMessage<Error>(testing::HasSubstr("its input has no such axis")));
    }
}

TEST_F(SimplifiedLayerNormalization, TakesAnAxisFromTheEnd) {
  bring(Type::tensor(DataType::kFloat), -2);
  EXPECT_EQ(operators_of(model_).back(), ":RMSNormalization");
}

// A head of half as many cosines as no number holds, which is more than the input is wide.
TEST_F(ContribRulesTest, HeadsAreCountedByCosinesOfAnyNumber) {
  const Type cosines = f32({8, int64_t{1} << 62});
  Node* node =
      add("RotaryEmbedding", {graph().add_input("x", f32({1, 2, 8})),
                              graph().add_input("places", Type::tensor(DataType::kInt64, Shape{1, 2})),
                              graph().add_input("cos", cosines), graph().add_input("sin", cosines)});
  node->set_attribute("num_heads", int64_t{0});
  bring_to_newest(model_);
  EXPECT_EQ(graph().first_node()->int_attribute("num_heads", -1), 0);
}

// A function of the model goes before an operator of the same name.
TEST_F(ContribRulesTest, ModelsOwnFunctionStays) {
  add("Gelu", {graph().add_input("x", f32({2}))});
  Function function;
  function.domain = "com.microsoft", function.name = "Gelu";
  function.opset_imports.set("", kNewestOpset);
  function.body = std::make_unique<Graph>("body");
  Value* x = function.body->add_input("x", {});
  function.body->add_output(function.body->add_node("Relu", {x})->output(0));
  model_.functions.push_back(std::move(function));
  bring_to_newest(model_);
  EXPECT_EQ(operators_of(model_), (std::vector<std::string>{"com.microsoft:Gelu"}));
}

}  // namespace
}  // namespace slipway
