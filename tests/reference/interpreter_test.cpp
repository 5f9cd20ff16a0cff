#include "reference/interpreter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/work_scope.hpp"

namespace slipway::reference {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor floats(Dims dims, std::vector<float> values) {
  return Tensor::from<float>(std::move(dims), values);
}

std::vector<float> values_of(const RuntimeValue& value) {
  const auto elements = value.tensor().data<float>();
  return {elements.begin(), elements.end()};
}

// y = (x + x) * w
Model small_model() {
  Model model;
  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 2}));
  Value* w = graph.add_initializer("w", floats({2}, {10, 100}));
  Value* sum = graph.add_node("Add", {x, x})->output(0);
  Value* y = graph.add_node("Mul", {sum, w})->output(0);
  graph.rename(y, "y");
  graph.add_output(y);
  return model;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Interpreter, RunsNodesInOrder) {
  const Model model = small_model();
  const auto outputs = run(model, {{"x", floats({2, 2}, {1, 2, 3, 4})}}, ops::standard_operators());
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_THAT(values_of(outputs[0]), ElementsAre(20, 400, 60, 800));
}

// What a file states is no more than a claim where inference cannot tell.
TEST(Interpreter, HoldsWhatComesAgainstTheSchema) {
  Model model;
  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat));
  Value* given = graph.add_input("given", {});
  Value* element = graph.add_node("OptionalGetElement", {given})->output(0);
  element->set_type(Type::tensor(DataType::kFloat));
  graph.add_output(graph.add_node("Add", {x, element})->output(0));
  const Tensor one = floats({1}, {1});
  const auto error = [&](const RuntimeValue& value) {
    return error_of([&] { run(model, {{"x", one}, {"given", value}}, ops::standard_operators()); });
  };
  EXPECT_EQ(error(one), "nothing was thrown");
  EXPECT_THAT(error(Tensor::scalar<int64_t>(1)),
              HasSubstr("(Add): input 'B' (number 1) has elements of type i64"));
  EXPECT_THAT(error(Sequence{one, one}), HasSubstr("the operator expects a tensor"));
}

TEST(Interpreter, ShowsEveryValueAsItIsMade) {
  const Model model = small_model();
  std::vector<std::string> seen;
  InterpreterOptions options;
  options.observe = [&](const Value& value, const RuntimeValue&) { seen.push_back(value.name()); };
  run(model, {{"x", floats({1, 2}, {1, 2})}}, ops::standard_operators(), options);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.front(), "x");
  EXPECT_EQ(seen.back(), "y");
}

TEST(Interpreter, NamesTheInputThatIsMissingUnknownOrWrong) {
  const Model model = small_model();
  const auto& operators = ops::standard_operators();
  EXPECT_THAT(error_of([&] { run(model, {}, operators); }), HasSubstr("input 'x' (f32[n,2]) is missing"));
  EXPECT_THAT(
      error_of([&] { run(model, {{"x", floats({1, 2}, {1, 2})}, {"z", floats({}, {1})}}, operators); }),
      HasSubstr("the model has no input 'z'; it has 'x'"));
  EXPECT_THAT(error_of([&] { run(model, {{"x", floats({1, 3}, {1, 2, 3})}}, operators); }),
              HasSubstr("input 'x': axis 1 of f32[1,3] has size 3, but the model expects 2"));
  EXPECT_THAT(error_of([&] { run(model, {{"x", floats({2}, {1, 2})}}, operators); }),
              HasSubstr("has 1 axes, but the model expects 2"));
  EXPECT_THAT(error_of([&] { run(model, {{"x", Tensor(DataType::kInt32, {1, 2})}}, operators); }),
              HasSubstr("elements of type i32, but the model expects f32"));
}

TEST(Interpreter, ASymbolStandsForOneNumber) {
  Graph graph;
  const Value* a = graph.add_input("a", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n")}));
  const Value* b = graph.add_input("b", Type::tensor(DataType::kFloat, Shape{Dim::symbol("2*n")}));
  std::map<std::string, int64_t> symbols;
  check_input(*a, floats({2}, {1, 2}), symbols);
  check_input(*b, floats({4}, {1, 2, 3, 4}), symbols);
  EXPECT_THAT(error_of([&] { check_input(*b, floats({3}, {1, 2, 3}), symbols); }),
              HasSubstr("axis 0 of f32[3] has size 3, but '2*n' is 4"));
}

TEST(Interpreter, AnErrorNamesTheNode) {
  Model model;
  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kInt64, Shape{1}));
  Value* zero = graph.add_initializer("zero", Tensor::scalar<int64_t>(0));
  graph.add_output(graph.add_node("Div", {x, zero}, 1, "", "quotient")->output(0));
  EXPECT_THAT(error_of([&] {
                run(model, {{"x", Tensor::from<int64_t>({1}, std::vector<int64_t>{3})}},
                    ops::standard_operators());
              }),
              HasSubstr("node 'quotient' (Div): division of integers by zero"));
}

TEST(Interpreter, StopsAtTheMemoryLimit) {
  const Model model = small_model();
  const Tensor large(DataType::kFloat, {100, 2});
  const auto account = std::make_shared<MemoryAccount>(2000);
  const MemoryScope scope(account);
  EXPECT_THAT(error_of([&] { run(model, {{"x", large}}, ops::standard_operators()); }),
              HasSubstr("f32[100,2]: 1088 bytes are needed, but of the memory limit of 2000 bytes only 912 "
                        "bytes are left"));
  EXPECT_EQ(account->used(), 0U);
}

TEST(Interpreter, StopsWhenCancelled) {
  const Model model = small_model();
  InterpreterOptions options;
  options.cancellation.request();
  EXPECT_THAT(
      error_of([&] { run(model, {{"x", floats({1, 2}, {1, 2})}}, ops::standard_operators(), options); }),
      HasSubstr("cancelled"));
}

TEST(Interpreter, StopsWithinAKernel) {
  ops::Registry operators;
  InterpreterOptions options;
  operators.add({.name = "Slow", .domain = "d", .outputs = {{"y", ""}}, .compute = [&](ops::KernelContext&) {
                   options.cancellation.request();
                   WorkScope::spend(1e9);
                 }});
  Model model;
  model.graph->add_output(model.graph->add_node("Slow", {}, 1, "d")->output(0));
  EXPECT_THAT(error_of([&] { run(model, {}, operators, options); }), HasSubstr("cancelled"));
}

TEST(Interpreter, RunsFunctionsWithTheCallsAttributes) {
  Model model;
  Function function;
  function.domain = "pkg";
  function.name = "Remainder";
  function.attributes = {"c_like"};
  function.body = std::make_unique<Graph>("body");
  Value* a = function.body->add_input("a", {});
  Value* b = function.body->add_input("b", {});
  Node* mod = function.body->add_node("Mod", {a, b});
  mod->set_attribute(Attribute::reference("fmod", "c_like", Attribute::Kind::kInt));
  function.body->add_output(mod->output(0));
  model.functions.push_back(std::move(function));

  Graph& graph = *model.graph;
  Value* x = graph.add_input("x", Type::tensor(DataType::kInt32, Shape{1}));
  Value* y = graph.add_initializer("y", Tensor::scalar<int32_t>(3));
  graph.add_output(graph.add_node("Remainder", {x, y}, 1, "pkg")->output(0));
  Node* c_like = graph.add_node("Remainder", {x, y}, 1, "pkg");
  c_like->set_attribute("c_like", int64_t{1});
  graph.add_output(c_like->output(0));

  const auto outputs =
      run(model, {{"x", Tensor::from<int32_t>({1}, std::vector<int32_t>{-7})}}, ops::standard_operators());
  EXPECT_THAT(outputs[0].tensor().data<int32_t>(), ElementsAre(2));
  EXPECT_THAT(outputs[1].tensor().data<int32_t>(), ElementsAre(-1));
}

}  // namespace
}  // namespace slipway::reference
