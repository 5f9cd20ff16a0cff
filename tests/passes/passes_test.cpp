// Each pass on a small graph, before and after.
#include "passes/passes.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "graph/print.hpp"
#include "graph/validate.hpp"

namespace slipway::passes {
namespace {

using ::testing::ElementsAre;

Tensor floats(Dims dims, std::vector<float> values) {
  return Tensor::from<float>(std::move(dims), values);
}

class PassesTest : public testing::Test {
 protected:
  Value* input(const Dims& dims) {
    return graph_.add_input("x", Type::tensor(DataType::kFloat, Shape(dims.begin(), dims.end())));
  }
  // The pass changes the graph once, leaves it valid, and has nothing to do the second time.
  void run(bool (*pass)(Graph&, PassContext&)) {
    PassContext context{ops::standard_operators()};
    EXPECT_TRUE(pass(graph_, context));
    validate(graph_);
    EXPECT_FALSE(pass(graph_, context));
  }
  Graph graph_;
};

TEST_F(PassesTest, FoldsConstants) {
  Value* a = graph_.add_initializer("a", floats({2}, {1, 2}));
  Value* b = graph_.add_initializer("b", floats({2}, {10, 20}));
  Value* sum = graph_.add_node("Add", {a, b})->output(0);
  graph_.add_output(graph_.add_node("Mul", {input({2}), sum})->output(0));
  run(fold_constants);
  ASSERT_EQ(graph_.node_count(), 1u);
  const auto folded = graph_.first_node()->input(1)->constant()->data<float>();
  EXPECT_EQ(std::vector<float>(folded.begin(), folded.end()), (std::vector<float>{11, 22}));
}

TEST_F(PassesTest, AFoldedOutputKeepsItsName) {
  Value* a = graph_.add_initializer("a", floats({2}, {1, 2}));
  Value* sum = graph_.add_node("Add", {a, a})->output(0);
  graph_.add_output(sum);
  const std::string name = sum->name();
  run(fold_constants);
  EXPECT_EQ(graph_.outputs()[0]->name(), name);
  EXPECT_EQ(graph_.outputs()[0]->constant()->data<float>()[1], 4);
}

TEST_F(PassesTest, FoldsNothingBeyondItsBudget) {
  Value* a = graph_.add_initializer("a", floats({100, 1}, std::vector<float>(100)));
  Value* b = graph_.add_initializer("b", floats({1, 100}, std::vector<float>(100)));
  graph_.add_output(graph_.add_node("Add", {a, b})->output(0));
  // Both inputs are gone afterwards.
  PassContext context{ops::standard_operators(), 100 * 100 * 4 - 2 * 100 * 4 - 1};
  EXPECT_FALSE(fold_constants(graph_, context));
  context.fold_budget += 1;
  EXPECT_TRUE(fold_constants(graph_, context));
  EXPECT_EQ(context.fold_budget, 0);
}

TEST_F(PassesTest, FoldsWhatTakesAConstantsPlaceWithoutABudget) {
  Value* a = graph_.add_initializer("a", floats({2, 3}, {0, 1, 2, 3, 4, 5}));
  graph_.add_output(graph_.add_node("Transpose", {a})->output(0));
  PassContext context{ops::standard_operators(), 0};
  EXPECT_TRUE(fold_constants(graph_, context));
  EXPECT_EQ(graph_.first_node(), nullptr);
}

// Nobody counts this product's operations beforehand.
TEST_F(PassesTest, StopsFoldingWhereTheWorkIsBeyondItsBudget) {
  Value* a = graph_.add_initializer("a", Tensor(DataType::kUint8, {32, 20}));
  Value* b = graph_.add_initializer("b", Tensor(DataType::kUint8, {20, 10}));
  graph_.add_output(graph_.add_node("MatMulInteger", {a, b})->output(0));
  PassContext context{ops::standard_operators()};
  context.fold_flops = 32 * 20 * 10 - 1;
  EXPECT_FALSE(fold_constants(graph_, context));
  EXPECT_LT(context.fold_flops, 32 * 20);  // what was done counts
  context.fold_flops = 32 * 20 * 10;
  EXPECT_TRUE(fold_constants(graph_, context));
}

TEST_F(PassesTest, FoldsWhatIsEmptyWithoutComputingIt) {
  Value* a = graph_.add_initializer("a", Tensor(DataType::kFloat, {int64_t{1} << 31, 0}));
  graph_.add_output(graph_.add_node("Softmax", {a})->output(0));
  PassContext context{ops::standard_operators()};
  context.fold_flops = 0;
  EXPECT_TRUE(fold_constants(graph_, context));
  EXPECT_EQ(graph_.outputs()[0]->constant()->dims(), (Dims{int64_t{1} << 31, 0}));
}

TEST_F(PassesTest, LeavesTextsThatGrowAlone) {
  Value* text = graph_.add_initializer("text", Tensor::scalar(std::string(1000, 'a')));
  graph_.add_output(graph_.add_node("StringConcat", {text, text})->output(0));
  PassContext context{ops::standard_operators()};
  EXPECT_FALSE(fold_constants(graph_, context));
}

TEST_F(PassesTest, FoldsNoWorkBeyondItsBudget) {
  Value* a = graph_.add_initializer("a", floats({32, 20}, std::vector<float>(640)));
  Value* b = graph_.add_initializer("b", floats({20, 10}, std::vector<float>(200)));
  graph_.add_output(graph_.add_node("MatMul", {a, b})->output(0));
  PassContext context{ops::standard_operators()};
  // And reading the matrices and writing the result.
  context.fold_flops = 2 * 32 * 20 * 10 + (32 * 20 + 20 * 10 + 32 * 10) / 4 - 1;
  EXPECT_FALSE(fold_constants(graph_, context));
  context.fold_flops += 1;
  EXPECT_TRUE(fold_constants(graph_, context));
  EXPECT_EQ(context.fold_flops, 0);
}

// A small file does not ask for seconds; large constants bring the work that is done on them with them.
TEST_F(PassesTest, FoldsWorkInProportionToTheConstants) {
  const auto is_folded = [](int64_t rows, int64_t inner) {
    Model model;
    model.opset_imports.set("", kNewestOpset);
    Graph& graph = *model.graph;
    const std::vector<float> zeros(static_cast<size_t>(rows * inner));
    Value* a = graph.add_initializer("a", floats({rows, inner}, zeros));
    Value* b = graph.add_initializer("b", floats({inner, rows}, zeros));
    graph.add_output(graph.add_node("MatMul", {a, b})->output(0));
    optimize(model, ops::standard_operators());
    return graph.first_node() == nullptr;
  };
  EXPECT_TRUE(is_folded(300, 300));  // 54 million operations on 720 kB
  EXPECT_FALSE(is_folded(6000, 1));  // 72 million on 48 kB
}

TEST_F(PassesTest, DropsWhatIsEmptyOfAResize) {
  Value* empty = graph_.add_initializer("empty", floats({0}, {}));
  Value* scales = graph_.add_initializer("scales", floats({4}, {1, 1, 2, 2}));
  Node* resize = graph_.add_node("Resize", {input({1, 1, 2, 2}), empty, scales});
  graph_.add_output(resize->output(0));
  run(drop_empty_inputs);
  EXPECT_EQ(resize->input(1), nullptr);
  EXPECT_EQ(resize->input(2), scales);
}

TEST_F(PassesTest, FoldsBatchNormalizationIntoConvolution) {
  Value* weights = graph_.add_initializer("w", floats({2, 1, 1, 1}, {3, 5}));
  Value* convolved = graph_.add_node("Conv", {input({1, 1, 4, 4}), weights})->output(0);
  const auto constant = [&](const char* name, std::vector<float> values) {
    return graph_.add_initializer(name, floats({2}, std::move(values)));
  };
  Node* norm = graph_.add_node("BatchNormalization", {convolved, constant("s", {2, 1}), constant("b", {7, 8}),
                                                      constant("m", {1, -1}), constant("v", {4, 0.25f})});
  norm->set_attribute("epsilon", 0.0f);
  graph_.add_output(norm->output(0));
  const std::string name = norm->output(0)->name();
  run(fold_into_convolution);
  ASSERT_EQ(graph_.node_count(), 1u);
  const Node& folded = *graph_.first_node();
  EXPECT_TRUE(folded.is("Conv"));
  EXPECT_EQ(graph_.outputs()[0]->name(), name);
  // scale / √variance is 1 and 2: weights 3 and 10, bias shift − mean · factor.
  EXPECT_FLOAT_EQ(folded.input(1)->constant()->data<float>()[0], 3);
  EXPECT_FLOAT_EQ(folded.input(1)->constant()->data<float>()[1], 10);
  EXPECT_FLOAT_EQ(folded.input(2)->constant()->data<float>()[0], 6);
  EXPECT_FLOAT_EQ(folded.input(2)->constant()->data<float>()[1], 10);
}

TEST_F(PassesTest, FoldsFactorsAndSumsOfChannelsIntoConvolution) {
  Value* weights = graph_.add_initializer("w", floats({2, 1, 1, 1}, {3, 5}));
  Value* bias = graph_.add_initializer("b", floats({2}, {1, 2}));
  Value* convolved = graph_.add_node("Conv", {input({1, 1, 4, 4}), weights, bias})->output(0);
  Value* scaled =
      graph_.add_node("Mul", {graph_.add_initializer("gamma", floats({2, 1, 1}, {10, 20})), convolved})
          ->output(0);
  Value* halved =
      graph_.add_node("Mul", {scaled, graph_.add_initializer("half", floats({}, {0.5f}))})->output(0);
  graph_.add_output(
      graph_.add_node("Add", {halved, graph_.add_initializer("plus", floats({1, 2, 1, 1}, {7, 8}))})
          ->output(0));
  run(fold_into_convolution);
  ASSERT_EQ(graph_.node_count(), 1u);
  const Node& folded = *graph_.first_node();
  EXPECT_THAT(folded.input(1)->constant()->data<float>(), ElementsAre(15, 50));
  EXPECT_THAT(folded.input(2)->constant()->data<float>(), ElementsAre(12, 28));
}

TEST_F(PassesTest, KeepsWhatIsNoMatterOfChannels) {
  Value* x = input({1, 1, 2, 2});
  const auto behind = [&](const char* op_type, const Tensor& constant, std::vector<float> factors) {
    Value* weights = graph_.add_initializer("w", floats({2, 1, 1, 1}, std::move(factors)));
    Value* convolved = graph_.add_node("Conv", {x, weights})->output(0);
    graph_.add_output(
        graph_.add_node(op_type, {convolved, graph_.add_initializer("c", constant.clone())})->output(0));
  };
  behind("Mul", floats({2}, {1, 2}), {3, 5});           // along the last axis
  behind("Mul", floats({2, 1, 1, 1}, {1, 2}), {3, 5});  // along a batch
  behind("Add", floats({1, 1, 1, 1, 1}, {1}), {3, 5});  // one axis more
  behind("Mul", floats({1}, {1e30f}), {1e20f, 1});      // beyond what f32 holds
  PassContext context{ops::standard_operators()};
  EXPECT_FALSE(fold_into_convolution(graph_, context));
}

// Which is found out when it runs: of an input of unknown shape inference says nothing.
TEST_F(PassesTest, KeepsWhatFollowsAConvolutionWithoutChannels) {
  Value* x = graph_.add_input("x", Type::tensor(DataType::kFloat));
  for (const Dims& dims : {Dims{}, Dims{4}})
    for (const char* op_type : {"Mul", "Add"}) {
      Value* weights = graph_.add_initializer("w", floats({4}, {1, 2, 3, 4}));
      Value* convolved = graph_.add_node("Conv", {x, weights})->output(0);
      const auto count = static_cast<size_t>(element_count(dims));
      Value* constant = graph_.add_initializer("c", floats(dims, std::vector<float>(count, 2)));
      graph_.add_output(graph_.add_node(op_type, {convolved, constant})->output(0));
    }
  PassContext context{ops::standard_operators()};
  EXPECT_FALSE(fold_into_convolution(graph_, context));
}

TEST_F(PassesTest, KeepsABatchNormalizationWhoseInputIsReadElsewhere) {
  Value* weights = graph_.add_initializer("w", floats({1, 1, 1, 1}, {3}));
  Value* convolved = graph_.add_node("Conv", {input({1, 1, 4, 4}), weights})->output(0);
  Value* one = graph_.add_initializer("one", floats({1}, {1}));
  graph_.add_output(graph_.add_node("BatchNormalization", {convolved, one, one, one, one})->output(0));
  graph_.add_output(convolved);
  PassContext context{ops::standard_operators()};
  EXPECT_FALSE(fold_into_convolution(graph_, context));
}

TEST_F(PassesTest, ComputesHalfPrecisionInFloat) {
  Value* x = graph_.add_input("x", Type::tensor(DataType::kFloat16, Shape{2, 3}));
  Value* weights = graph_.add_initializer("w", Tensor(DataType::kFloat16, {3, 4}));
  Value* product = graph_.add_node("MatMul", {x, weights})->output(0);
  Value* turned = graph_.add_node("Transpose", {graph_.add_node("Relu", {product})->output(0)})->output(0);
  graph_.rename(turned, "y");
  graph_.add_output(turned);
  run(widen_half_precision);
  // Casts stand at the edges alone; those behind every node are dead.
  run(eliminate_dead_nodes);
  EXPECT_EQ(to_text(graph_), R"(graph graph(x: f16[2,3]) -> (y) {
  w: f16[3,4] = initializer
  x.f32 = Cast(x) {to=1}
  w.f32 = Cast(w) {to=1}
  MatMul.f32 = MatMul(x.f32, w.f32)
  Relu.f32 = Relu(MatMul.f32)
  y.f32 = Transpose(Relu.f32)
  y = Cast(y.f32) {to=10}
}
)");
}

TEST_F(PassesTest, LeavesHalfPrecisionWhereTheTypeMattersOrNothingIsComputed) {
  Value* x = graph_.add_input("x", Type::tensor(DataType::kBfloat16, Shape{2, 3}));
  Node* cast = graph_.add_node("Cast", {x});
  cast->set_attribute("to", static_cast<int64_t>(DataType::kFloat16));
  Node* bits = graph_.add_node("BitCast", {graph_.add_node("Transpose", {cast->output(0)})->output(0)});
  bits->set_attribute("to", static_cast<int64_t>(DataType::kInt16));
  graph_.add_output(bits->output(0));
  PassContext context{ops::standard_operators()};
  EXPECT_FALSE(widen_half_precision(graph_, context));
}

TEST_F(PassesTest, RemovesWhatNobodyReads) {
  Value* x = input({2});
  Value* unused = graph_.add_node("Add", {x, graph_.add_initializer("c", floats({2}, {1, 2}))})->output(0);
  graph_.add_node("Mul", {unused, unused});
  graph_.add_output(graph_.add_node("Mul", {x, x})->output(0));
  run(eliminate_dead_nodes);
  EXPECT_EQ(graph_.node_count(), 1u);
  EXPECT_TRUE(graph_.initializers().empty());
}

}  // namespace
}  // namespace slipway::passes
