// What ONNX Runtime's own operators become; their numbers are held against ONNX Runtime in tests/oracles.
#include <gtest/gtest.h>

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
