#include "ops/infer_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_from.hpp"

namespace slipway::ops {
namespace {

using testing::HasSubstr;

TEST(InferTypes, BroadcastsSymbols) {
  Model model;
  Value* a = model.graph->add_input("a", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 1, 4}));
  Value* b = model.graph->add_input("b", Type::tensor(DataType::kFloat, Shape{Dim::symbol("h"), 1}));
  Value* sum = model.graph->add_node("Add", {a, b})->output(0);
  model.graph->add_output(sum);
  infer_types(model, standard_operators());
  EXPECT_EQ(sum->type().to_string(), "f32[n,h,4]");
}

TEST(InferTypes, TheShapesOfACallReplaceTheStatedOnes) {
  Graph graph;
  Value* a = graph.add_input("a", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4}));
  Value* sum = graph.add_node("Add", {a, a})->output(0);
  graph.add_output(sum);
  InferenceOptions options;
  options.input_types["a"] = Type::tensor(DataType::kFloat, Shape{7, 4});
  EXPECT_EQ(infer_types_for(graph, standard_operators(), options).type(sum).to_string(), "f32[7,4]");
  EXPECT_TRUE(sum->type().is_none());
}

TEST(InferTypes, FoldsSmallConstants) {
  Graph graph;
  Value* two = graph.add_initializer("two", Tensor::scalar<int64_t>(2));
  Value* four = graph.add_node("Mul", {two, two})->output(0);
  const Value* eight = graph.add_node("Mul", {four, two})->output(0);
  const InferredTypes types = infer_types_for(graph, standard_operators(), {});
  ASSERT_NE(types.constant(eight), nullptr);
  EXPECT_EQ(types.constant(eight)->data<int64_t>()[0], 8);
}

TEST(InferTypes, FoldsNoSumsOfManyProducts) {
  const auto is_folded = [](int64_t size) {
    Graph graph;
    const std::vector<float> ones(static_cast<size_t>(size), 1.0F);
    Value* x = graph.add_initializer("x", Tensor::from<float>({size}, ones));
    Node* sum = graph.add_node("Einsum", {x, x, x});
    sum->set_attribute("equation", std::string("a,b,c->"));
    return infer_types_for(graph, standard_operators(), {}).constant(sum->output(0)) != nullptr;
  };
  EXPECT_TRUE(is_folded(10));
  EXPECT_FALSE(is_folded(1000));
}

TEST(InferTypes, KnowsWhatIsEmptyWithoutComputingIt) {
  Graph graph;
  Value* a = graph.add_initializer("a", Tensor(DataType::kFloat, {0, 0}));
  Value* b = graph.add_initializer("b", Tensor(DataType::kFloat, {0, int64_t{1} << 31}));
  const Value* product = graph.add_node("MatMul", {a, b})->output(0);
  const Value* list = graph.add_node("Shape", {graph.add_initializer("c", Tensor::scalar(1.0F))})->output(0);
  const InferredTypes types = infer_types_for(graph, standard_operators(), {});
  ASSERT_NE(types.constant(product), nullptr);
  EXPECT_EQ(types.constant(product)->dims(), (Dims{0, int64_t{1} << 31}));
  ASSERT_NE(types.constant(list), nullptr);
  EXPECT_EQ(types.constant(list)->count(), 0);
}

TEST(InferTypes, FoldsNoTexts) {
  Graph graph;
  Value* text = graph.add_initializer("text", Tensor::scalar(std::string(1000, 'a')));
  const Value* twice = graph.add_node("StringConcat", {text, text})->output(0);
  EXPECT_EQ(infer_types_for(graph, standard_operators(), {}).constant(twice), nullptr);
}

TEST(InferTypes, MakesNoLargeTensorsOfSparseOnes) {
  const auto is_made = [](int64_t size) {
    Graph graph;
    Node* node = graph.add_node("Constant", {});
    SparseTensor sparse;
    sparse.values.tensor = Tensor::from<float>({1}, std::vector<float>{1});
    sparse.indices.tensor = Tensor::from<int64_t>({1}, std::vector<int64_t>{0});
    sparse.dims = {size};
    node->set_attribute("sparse_value", std::move(sparse));
    return infer_types_for(graph, standard_operators(), {}).constant(node->output(0)) != nullptr;
  };
  EXPECT_TRUE(is_made(8));
  EXPECT_FALSE(is_made(100'000));
}

TEST(InferTypes, RefusesMoreDimensionsThanTensorsHave) {
  Graph graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape(60, 1)));
  std::vector<int64_t> axes(5);
  for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int64_t>(i);
  Value* at = graph.add_initializer("axes", Tensor::from<int64_t>({5}, axes));
  graph.add_node("Unsqueeze", {x, at}, 1, "", "more");
  EXPECT_THAT(error_from([&] { infer_types_for(graph, standard_operators(), {}); }),
              HasSubstr("65 dimensions are more than the 64"));
}

TEST(InferTypes, UnknownOperatorsKeepWhatIsStated) {
  Graph graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{1}));
  Value* y = graph.add_node("Whatever", {x}, 1, "nobody")->output(0);
  y->set_type(Type::tensor(DataType::kFloat, Shape{3}));
  const Value* z = graph.add_node("Add", {y, y})->output(0);
  EXPECT_EQ(infer_types_for(graph, standard_operators(), {}).type(z).to_string(), "f32[3]");
}

TEST(InferTypes, NamesTheNodeThatContradicts) {
  Model model;
  Value* a = model.graph->add_input("a", Type::tensor(DataType::kFloat, Shape{2}));
  Value* b = model.graph->add_input("b", Type::tensor(DataType::kFloat, Shape{3}));
  Node* node = model.graph->add_node("Add", {a, b}, 1, "", "sum");
  EXPECT_THAT(error_from([&] { infer_types(model, standard_operators()); }),
              HasSubstr("node 'sum' (Add): shapes [2] and [3]: sizes 2 and 3 cannot be broadcast"));
  model.graph->set_input(node, 1, a);
  node->output(0)->set_type(Type::tensor(DataType::kFloat, Shape{4}));
  EXPECT_THAT(error_from([&] { infer_types(model, standard_operators()); }),
              HasSubstr("the file states the type f32[4], but f32[2] is what comes out"));
}

TEST(CheckSchema, SaysWhatIsWrong) {
  Graph graph;
  Value* f = graph.add_input("f", Type::tensor(DataType::kFloat, Shape{2}));
  Value* i = graph.add_input("i", Type::tensor(DataType::kInt64, Shape{2}));
  const auto error = [&](Node* node) {
    return error_from([&] { check_schema(standard_operators().get(*node), *node); });
  };
  EXPECT_THAT(
      error(graph.add_node("Add", {f, i}, 1, "", "n")),
      HasSubstr("node 'n' (Add): input 'B' (number 1) has elements of type i64, but input 'A' (number 0) "
                "has f32: the operator wants them to be the same"));
  EXPECT_THAT(error(graph.add_node("Add", {f})), HasSubstr("input 'B' (number 1) is missing"));
  EXPECT_THAT(error(graph.add_node("Add", {f, f, f})),
              HasSubstr("3 inputs were given, but the operator has at most 2"));
  Node* unknown = graph.add_node("Add", {f, f});
  unknown->set_attribute("axis", int64_t{1});
  EXPECT_THAT(error(unknown), HasSubstr("attribute 'axis' is not one of the operator's"));
  Node* wrong_kind = graph.add_node("Mod", {f, f});
  wrong_kind->set_attribute("fmod", 1.0F);
  EXPECT_THAT(error(wrong_kind),
              HasSubstr("attribute 'fmod' is of kind float, but the operator expects int"));
  EXPECT_THAT(error(graph.add_node("Cast", {f})), HasSubstr("attribute 'to' is missing"));
  EXPECT_THAT(error_from([&] { standard_operators().get(*graph.add_node("Nope", {})); }),
              HasSubstr("this build has no operator 'Nope' of domain 'ai.onnx'"));
}

}  // namespace
}  // namespace slipway::ops
