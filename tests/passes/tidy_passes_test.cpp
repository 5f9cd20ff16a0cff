// What decomposition has taken apart is put together again: each pass on a small graph, before and after.
// That whole networks keep their numbers is held by tests/zoo.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "graph/print.hpp"
#include "graph/validate.hpp"
#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class TidyPasses : public testing::Test {
 protected:
  Value* input(Shape shape, const char* name = "x") {
    return graph_.add_input(name, Type::tensor(DataType::kFloat, std::move(shape)));
  }
  Value* number(float value) { return graph_.add_initializer("number", Tensor::scalar(value)); }
  Value* zeros(Dims dims) {
    Tensor tensor(DataType::kFloat, std::move(dims));
    for (float& element : tensor.data<float>()) element = 0;
    return graph_.add_initializer("zeros", std::move(tensor));
  }
  Value* ints(const std::vector<int64_t>& numbers) { return add_ints(graph_, "ints", numbers); }
  Value* add(const char* op_type, std::vector<Value*> inputs) {
    return graph_.add_node(op_type, std::move(inputs))->output(0);
  }
  Value* reshape(Value* value, const std::vector<int64_t>& sizes) {
    return add("Reshape", {value, ints(sizes)});
  }
  Value* transpose(Value* value, std::vector<int64_t> order) {
    Node* node = graph_.add_node("Transpose", {value});
    node->set_attribute("perm", std::move(order));
    return node->output(0);
  }
  void output(Value* value) { graph_.add_output(add("Relu", {value})); }
  // The nodes' operators after the pass, which has nothing to do the second time.
  std::string after(bool (*pass)(Graph&, PassContext&)) {
    PassContext context{ops::standard_operators()};
    EXPECT_TRUE(pass(graph_, context));
    EXPECT_FALSE(pass(graph_, context));
    eliminate_dead_nodes(graph_, context);
    validate(graph_);
    return operators();
  }
  std::string operators() const {
    std::string all;
    for (const Node* node = graph_.first_node(); node; node = node->next())
      all += (all.empty() ? "" : " ") + node->op_type();
    return all;
  }
  void nothing(bool (*pass)(Graph&, PassContext&)) {
    PassContext context{ops::standard_operators()};
    EXPECT_FALSE(pass(graph_, context));
  }
  std::vector<int64_t> sizes_of_first() const { return *constant_ints(graph_.first_node()->input(1)); }

  Graph graph_;
};

TEST_F(TidyPasses, MergesViews) {
  output(reshape(add("Unsqueeze", {reshape(input({2, 3, 4}), {6, 4}), ints({0})}), {3, 8}));
  EXPECT_EQ(after(merge_views), "Reshape Relu");
  EXPECT_EQ(sizes_of_first(), (std::vector<int64_t>{3, 8}));
}

TEST_F(TidyPasses, RemovesViewsThatChangeNothing) {
  output(reshape(reshape(input({Dim::symbol("batch"), 3, 4}), {-1, 12}), {-1, 3, 4}));
  EXPECT_EQ(after(merge_views), "Relu");
}

TEST_F(TidyPasses, MergesViewsWithOneOpenSize) {
  output(reshape(reshape(input({Dim::symbol("batch"), 6, 4}), {-1, 24}), {-1, 3, 8}));
  EXPECT_EQ(after(merge_views), "Reshape Relu");
  EXPECT_EQ(sizes_of_first(), (std::vector<int64_t>{-1, 3, 8}));
}

TEST_F(TidyPasses, KeepsViewsThatNumbersDoNotSay) {
  Value* x = input({Dim::symbol("h"), Dim::symbol("w")});
  output(add("Unsqueeze", {add("Unsqueeze", {x, ints({0})}), ints({0})}));
  nothing(merge_views);
}

TEST_F(TidyPasses, KeepsAViewThatIsAnOutput) {
  graph_.add_output(reshape(input({2, 3}), {2, 3}));
  nothing(merge_views);
}

TEST_F(TidyPasses, MergesTransposes) {
  output(transpose(transpose(input({2, 3, 4}), {1, 2, 0}), {0, 2, 1}));
  EXPECT_EQ(after(merge_transposes), "Transpose Relu");
  // [2,3,4] → [3,4,2] → [3,2,4]
  EXPECT_EQ(graph_.first_node()->ints_attribute("perm", {}), (std::vector<int64_t>{1, 0, 2}));
}

TEST_F(TidyPasses, RemovesTransposesThatUndoEachOther) {
  output(transpose(transpose(input({2, 3, 4}), {1, 2, 0}), {2, 0, 1}));
  EXPECT_EQ(after(merge_transposes), "Relu");
}

TEST_F(TidyPasses, LiftsProductsOfRows) {
  Node* gemm =
      graph_.add_node("Gemm", {reshape(input({2, 5, 3}), {10, 3}), zeros({4, 3}), zeros({4})}, 1, "", "fc");
  gemm->set_attribute("transB", int64_t{1});
  output(reshape(gemm->output(0), {2, 5, 4}));
  EXPECT_EQ(after(lift_products), "Transpose MatMul Add Relu");
}

TEST_F(TidyPasses, KeepsProductsOfOtherRows) {
  Node* gemm = graph_.add_node("Gemm", {reshape(input({2, 5, 3}), {10, 3}), zeros({3, 4}), zeros({10, 4})});
  output(reshape(gemm->output(0), {2, 5, 4}));  // what is added differs by row
  nothing(lift_products);
  Node* other = graph_.add_node("Gemm", {reshape(graph_.inputs()[0], {10, 3}), zeros({3, 4})});
  output(reshape(other->output(0), {5, 2, 4}));
  nothing(lift_products);
}

TEST_F(TidyPasses, LiftsBatchedProducts) {
  Value *left = input({2, 6, 5, 3}, "a"), *right = input({2, 6, 3, 7}, "b");
  output(reshape(add("MatMul", {reshape(left, {12, 5, 3}), reshape(right, {12, 3, 7})}), {2, 6, 5, 7}));
  EXPECT_EQ(after(lift_products), "MatMul Relu");
}

TEST_F(TidyPasses, LiftsProductsWithExpandedWeights) {
  Value* x = input({2, 6, 5, 3});
  Value* weights = add("Expand", {zeros({3, 7}), ints({2, 6, 3, 7})});
  output(reshape(add("MatMul", {reshape(x, {12, 5, 3}), reshape(weights, {12, 3, 7})}), {2, 6, 5, 7}));
  EXPECT_EQ(after(lift_products), "MatMul Relu");
  EXPECT_EQ(graph_.first_node()->input(1)->name(), "zeros");
}

TEST_F(TidyPasses, NarrowsProductsWithoutViews) {
  output(add("MatMul", {input({4, 5, 3}), add("Expand", {zeros({3, 7}), ints({4, 3, 7})})}));
  EXPECT_EQ(after(lift_products), "MatMul Relu");
}

TEST_F(TidyPasses, KeepsAnExpandedFactorThatMakesTheBatch) {
  output(add("MatMul", {input({1, 5, 3}), add("Expand", {zeros({3, 7}), ints({4, 3, 7})})}));
  nothing(lift_products);
}

TEST_F(TidyPasses, KeepsProductsOfVectors) {
  Value* wanted = graph_.add_input("wanted", Type::tensor(DataType::kInt64, Shape{2}));
  output(add("MatMul", {input({3}), add("Expand", {zeros({3, 4}), wanted})}));
  nothing(lift_products);
}

TEST_F(TidyPasses, KeepsFactorsOfUnknownSizes) {
  Value* wanted = graph_.add_input("wanted", Type::tensor(DataType::kInt64));
  Value* factor = add("Expand", {zeros({2, 3, 4}), wanted});
  output(add("MatMul", {input({2, 5, 3}, "a"), factor}));
  output(reshape(add("MatMul", {reshape(input({2, 6, 5, 3}, "b"), {12, 5, 3}), factor}), {2, 6, 5, 4}));
  nothing(lift_products);
}

TEST_F(TidyPasses, KeepsOneExpandedFactor) {
  Value* left = add("Expand", {input({1, 1, 5, 3}), ints({2, 6, 5, 3})});
  Value* right = add("Expand", {zeros({3, 7}), ints({2, 6, 3, 7})});
  output(reshape(add("MatMul", {reshape(left, {12, 5, 3}), reshape(right, {12, 3, 7})}), {2, 6, 5, 7}));
  EXPECT_EQ(after(lift_products), "Expand MatMul Relu");
}

TEST_F(TidyPasses, LiftsProductsOfRowsWithoutBias) {
  output(reshape(add("MatMul", {reshape(input({2, 5, 3}), {10, 3}), zeros({3, 4})}), {2, 5, 4}));
  EXPECT_EQ(after(lift_products), "MatMul Relu");
}

TEST_F(TidyPasses, RemovesExpansionsThatChangeNothing) {
  output(add("Expand", {input({2, 3}), ints({2, 1})}));
  EXPECT_EQ(after(merge_views), "Relu");
}

TEST_F(TidyPasses, KeepsBatchedProductsOfOtherBatches) {
  Value *left = input({2, 6, 5, 3}, "a"), *right = input({3, 4, 3, 7}, "b");
  output(reshape(add("MatMul", {reshape(left, {12, 5, 3}), reshape(right, {12, 3, 7})}), {2, 6, 5, 7}));
  nothing(lift_products);
}

// Where(all of a row is −∞, 0, Softmax(scores)) as run_decompositions() leaves it.
Value* guarded(Graph& graph, Value* scores, Value* zero) {
  const auto add = [&](const char* op_type, std::vector<Value*> inputs) {
    return graph.add_node(op_type, std::move(inputs))->output(0);
  };
  Value* mask = graph.add_initializer("mask", Tensor::scalar(-kInfinity));
  Value* seen = add("Not", {add("Equal", {scores, mask})});
  Value* none = add("Not", {add("ReduceMax", {seen, add_ints(graph, "axes", {-1})})});
  return add("Where", {none, zero, add("Softmax", {scores})});
}

TEST_F(TidyPasses, DropsTheGuardOfASoftmaxOfProducts) {
  Value* scores = add("Add", {add("MatMul", {input({2, 3}), zeros({3, 4})}), zeros({4})});
  output(guarded(graph_, scores, zeros({2, 4})));
  EXPECT_EQ(after(drop_softmax_guards), "MatMul Add Softmax Relu");
}

// One path through the sums would be followed after the other: 2^30 of them.
TEST_F(TidyPasses, DropsTheGuardOfSumsOfSums) {
  Value* scores = add("MatMul", {input({2, 3}), zeros({3, 4})});
  for (int i = 0; i < 30; ++i) scores = add("Add", {scores, scores});
  output(guarded(graph_, scores, zeros({2, 4})));
  EXPECT_THAT(after(drop_softmax_guards), testing::EndsWith("Add Softmax Relu"));
}

TEST_F(TidyPasses, DropsTheGuardWhoseZerosAreMade) {
  Value* scores = add("MatMul", {input({2, 3}), zeros({3, 4})});
  output(guarded(graph_, scores, add("ConstantOfShape", {ints({2, 4})})));
  EXPECT_EQ(after(drop_softmax_guards), "MatMul Softmax Relu");
}

TEST_F(TidyPasses, KeepsTheGuardWhereAMaskIsAdded) {
  Value* product = add("MatMul", {input({2, 3}), zeros({3, 4})});
  Value* mask =
      graph_.add_initializer("m", Tensor::from<float>({4}, std::vector<float>{0, -kInfinity, 0, 0}));
  output(guarded(graph_, add("Add", {product, mask}), zeros({2, 4})));
  output(guarded(graph_, add("Add", {product, input({4}, "y")}), zeros({2, 4})));
  nothing(drop_softmax_guards);
}

TEST_F(TidyPasses, FusesHardSwish) {
  Value* x = input({2, 3});
  Value* bounded = add("Clip", {add("Clip", {add("Add", {x, number(3)}), number(0)}), nullptr, number(6)});
  output(add("Div", {add("Mul", {x, bounded}), number(6)}));
  EXPECT_EQ(after(fuse_hard_activations), "HardSwish Relu");
}

TEST_F(TidyPasses, FusesHardSigmoidAndItsProduct) {
  Value *x = input({2, 3}), *other = input({2, 3}, "y");
  Value* gate = add("Div", {add("Clip", {add("Add", {x, number(3)}), number(0), number(6)}), number(6)});
  output(add("Mul", {other, gate}));
  EXPECT_EQ(after(fuse_hard_activations), "HardSigmoid Mul Relu");
  graph_.set_input(graph_.last_node()->previous(), 0, x);
  EXPECT_EQ(after(fuse_hard_activations), "HardSwish Relu");
}

TEST_F(TidyPasses, KeepsOtherBounds) {
  Value* x = input({2, 3});
  output(add("Div", {add("Clip", {add("Add", {x, number(3)}), number(0), number(5)}), number(6)}));
  output(add("Clip", {add("Clip", {x, number(6)}), nullptr, number(0)}));  // the bounds cross
  nothing(fuse_hard_activations);
}

TEST_F(TidyPasses, FusesPRelu) {
  Value* x = input({1, 3, 4, 4});
  output(add("Where", {add("Greater", {x, number(0)}), x, add("Mul", {zeros({1, 3, 1, 1}), x})}));
  EXPECT_EQ(after(fuse_prelu), "PRelu Relu");
}

TEST_F(TidyPasses, KeepsSlopesThatSpreadTheirInput) {
  Value* x = input({1, 3});
  output(add("Where", {add("Greater", {x, number(0)}), x, add("Mul", {zeros({2, 3}), x})}));
  output(add("Where", {add("Greater", {x, number(1)}), x, add("Mul", {zeros({3}), x})}));
  nothing(fuse_prelu);
}

TEST_F(TidyPasses, FusesShuffledPixels) {
  Value* x = input({Dim::symbol("n"), 12, 5, 7});
  output(reshape(transpose(reshape(x, {-1, 3, 2, 2, 5, 7}), {0, 1, 4, 2, 5, 3}), {-1, 3, 10, 14}));
  EXPECT_EQ(after(fuse_depth_to_space), "DepthToSpace Relu");
  EXPECT_EQ(graph_.first_node()->int_attribute("blocksize", 0), 2);
  EXPECT_EQ(graph_.first_node()->string_attribute("mode", ""), "CRD");
}

TEST_F(TidyPasses, KeepsOtherShuffles) {
  Value* x = input({1, 12, 5, 7});
  output(reshape(transpose(reshape(x, {1, 3, 2, 2, 5, 7}), {0, 1, 4, 3, 5, 2}), {1, 3, 10, 14}));
  output(reshape(transpose(reshape(x, {1, 3, 4, 1, 5, 7}), {0, 1, 4, 2, 5, 3}), {1, 3, 20, 7}));
  output(reshape(transpose(reshape(x, {1, 3, 2, 2, 5, 7}), {0, 1, 4, 2, 5, 3}), {1, 3, 14, 10}));
  nothing(fuse_depth_to_space);
}

TEST_F(TidyPasses, GathersASliceOfOnePlace) {
  Value* slice =
      add("Slice", {input({3, 2, 4}), ints({-1}), ints({std::numeric_limits<int64_t>::max()}), ints({0})});
  output(add("Squeeze", {slice, ints({0})}));
  EXPECT_EQ(after(gather_slices), "Gather Relu");
  EXPECT_EQ(graph_.first_node()->input(1)->constant()->data<int64_t>()[0], -1);
}

TEST_F(TidyPasses, KeepsASliceThatBeginsBeyondItsAxis) {
  Value* slice = add("Slice", {input({3, 2, 4}), ints({-7}), ints({1}), ints({0})});
  output(add("Squeeze", {slice, ints({0})}));
  nothing(gather_slices);
}

TEST_F(TidyPasses, RemovesOperandsThatChangeNothing) {
  Value* x = input({2, 3});
  Value* one = graph_.add_initializer("ones", Tensor::from<float>({3}, std::vector<float>{1, 1, 1}));
  output(add("Div", {add("Mul", {one, add("Sub", {add("Add", {zeros({1, 3}), x}), zeros({})})}), one}));
  EXPECT_EQ(after(eliminate_neutral_operands), "Relu");
}

TEST_F(TidyPasses, KeepsOperandsThatChangeSomething) {
  output(add("Add", {input({1, 3}), zeros({2, 3})}));       // the shape
  output(add("Sub", {zeros({3}), input({3}, "negated")}));  // the sign
  output(add("Div", {number(1), input({3}, "turned")}));
  output(add("Mul", {input({3}, "halved"), number(0.5f)}));
  output(add("Add", {graph_.add_input("open", Type::tensor(DataType::kFloat)), zeros({3})}));
  nothing(eliminate_neutral_operands);
}

TEST_F(TidyPasses, SharesEqualNodes) {
  Value* x = input({4, 6});
  output(add("Add", {transpose(reshape(x, {2, 12}), {1, 0}), transpose(reshape(x, {2, 12}), {1, 0})}));
  EXPECT_EQ(after(share_equal_nodes), "Reshape Transpose Add Relu");
}

TEST_F(TidyPasses, KeepsNodesThatAreNotEqual) {
  Value* x = input({4, 4});
  output(reshape(x, {2, 8}));
  output(reshape(x, {8, 2}));
  output(transpose(x, {1, 0}));
  output(transpose(x, {0, 1}));
  output(add("Dropout", {x, number(0.5f), graph_.add_initializer("training", Tensor::scalar(true))}));
  output(add("Dropout", {x, number(0.5f), graph_.add_initializer("training", Tensor::scalar(true))}));
  graph_.add_output(add("Neg", {x}));  // two outputs keep their names
  graph_.add_output(add("Neg", {x}));
  PassContext context{ops::standard_operators()};
  const size_t before = graph_.node_count();
  share_equal_nodes(graph_, context);
  EXPECT_EQ(graph_.node_count(), before);
}

TEST_F(TidyPasses, MergesSlicesIntoASplit) {
  Value* x = input({2, 6});
  const auto slice = [&](int64_t begin, int64_t end) {
    return add("Slice", {x, ints({begin}), ints({end}), ints({-1})});
  };
  Value *last = slice(-1, INT64_MAX), *first = slice(0, 2), *middle = slice(2, 5);
  for (Value* piece : {first, middle, last}) output(piece);
  EXPECT_EQ(after(merge_slices), "Split Relu Relu Relu");
  const Node& split = *graph_.first_node();
  EXPECT_EQ(*constant_ints(split.input(1)), (std::vector<int64_t>{2, 3, 1}));
  EXPECT_EQ(split.int_attribute("axis", 0), 1);
  EXPECT_EQ(split.output(0), first);
  EXPECT_EQ(split.output(2), last);
}

TEST_F(TidyPasses, KeepsSlicesThatAreNotAWhole) {
  const auto slices = [&](const char* name, std::vector<std::pair<int64_t, int64_t>> places, int64_t step) {
    Value* x = input({6}, name);
    for (const auto& [begin, end] : places)
      output(add("Slice", {x, ints({begin}), ints({end}), ints({0}), ints({step})}));
  };
  slices("gap", {{0, 2}, {3, 6}}, 1);
  slices("overlap", {{0, 4}, {3, 6}}, 1);
  slices("short", {{0, 2}, {2, 5}}, 1);
  slices("steps", {{0, 3}, {3, 6}}, 2);
  slices("alone", {{0, 6}}, 1);
  nothing(merge_slices);
}

}  // namespace
}  // namespace slipway::passes
