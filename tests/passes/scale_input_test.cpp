// A Resize by a number becomes one by an input. That the numbers are PyTorch's is held by
// tests/oracles/test_deployed_srcnn.py.
#include "passes/scale_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "graph/validate.hpp"

namespace slipway::passes {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class ScaleInput : public testing::Test {
 protected:
  ScaleInput() {
    model_.opset_imports.set("", kNewestOpset);
    x_ = graph().add_input("x", Type::tensor(DataType::kFloat, Shape{1, 3, 4, 5}));
  }
  Graph& graph() { return *model_.graph; }
  Node* resize(Value* value, std::vector<float> scales) {
    Value* constant = graph().add_initializer("scales", Tensor::from<float>({4}, scales));
    Node* node = graph().add_node("Resize", {value, nullptr, constant}, 1, "", "up");
    node->output(0)->set_type(Type::tensor(DataType::kFloat, Shape{1, 3, 12, 15}));
    return node;
  }
  void fails(const char* what) {
    EXPECT_THAT([&] { make_scale_an_input(model_, "factor"); }, ThrowsMessage<Error>(HasSubstr(what)));
  }

  Model model_;
  Value* x_;
};

TEST_F(ScaleInput, ReplacesTheConstant) {
  Node* node = resize(x_, {1, 1, 3, 3});
  graph().add_output(graph().add_node("Relu", {node->output(0)})->output(0));
  EXPECT_EQ(make_scale_an_input(model_, "factor"), 3);
  validate(graph());
  ASSERT_EQ(graph().inputs().size(), 2u);
  EXPECT_EQ(graph().inputs()[1]->name(), "factor");
  EXPECT_EQ(graph().inputs()[1]->type().to_string(), "f32[1]");
  EXPECT_TRUE(node->input(2)->producer()->is("Concat"));
  EXPECT_EQ(graph().outputs()[0]->type().to_string(), "f32[1,3,?,?]");
}

TEST_F(ScaleInput, RefusesWhatCannotFollow) {
  fails("no Resize by one constant factor");
  Node* node = resize(x_, {1, 1, 3, 3});
  Value* sizes = graph().add_initializer("sizes", Tensor::from<int64_t>({2}, std::vector<int64_t>{1, -1}));
  Node* flat = graph().add_node("Reshape", {node->output(0), sizes}, 1, "", "flat");
  graph().add_output(flat->output(0));
  fails("node 'flat' (Reshape) states sizes");
  graph().add_output(resize(x_, {1, 1, 2, 2})->output(0));
  fails("one input cannot be both");
}

TEST_F(ScaleInput, RefusesATakenName) {
  graph().add_output(resize(x_, {1, 1, 2, 2})->output(0));
  EXPECT_THAT([&] { make_scale_an_input(model_, "x"); }, ThrowsMessage<Error>(HasSubstr("already")));
}

}  // namespace
}  // namespace slipway::passes
