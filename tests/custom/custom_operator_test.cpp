// What an operator of a library gets and gives: types, absent inputs, attributes, constants, states, threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "custom/one_node.hpp"
#include "engine/context.hpp"
#include "ops/infer_types.hpp"

namespace slipway::custom {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor integers(const std::vector<int64_t>& values) {
  return Tensor::from<int64_t>({static_cast<int64_t>(values.size())}, std::span(values));
}

Tensor strings(const std::vector<std::string>& values) {
  return Tensor::from<std::string>({static_cast<int64_t>(values.size())}, std::span(values));
}

Type of(DataType type, Shape shape) {
  return Type::tensor(type, std::move(shape));
}

std::string described(OneNode& one, const std::vector<RuntimeValue>& inputs) {
  return std::string(one.run(load({"right"}), inputs)[0].tensor().data<Text>()[0]);
}

TEST(CustomOperator, SeesInputsAbsentAndVariadic) {
  OneNode one("test", "Describe",
              {of(DataType::kDouble, {2, 3}), Type(), of(DataType::kDouble, {}), of(DataType::kDouble, {0})});
  EXPECT_THAT(described(one, {Tensor(DataType::kDouble, {2, 3}), Tensor(DataType::kDouble, {}),
                              Tensor(DataType::kDouble, {0})}),
              HasSubstr("11:2:6:48;none;11:0:1:8;11:1:0:0;"));
}

TEST(CustomOperator, SeesAttributesAndTheirDefaults) {
  OneNode bare("test", "Describe", {of(DataType::kString, {2})});
  EXPECT_EQ(described(bare, {strings({"a", "b"})}),
            "8:1:2:0; i=-1 f=-1.000000 s=none no is no fs no ss no t");
  OneNode full("test", "Describe", {of(DataType::kInt4, {3})},
               {{"i", int64_t{7}},
                {"f", 0.5f},
                {"s", std::string("text")},
                {"is", std::vector<int64_t>{}},
                {"fs", std::vector<float>{1, 2}},
                {"ss", std::vector<std::string>{"x", "y"}}});
  full.node().set_attribute("t", Boxed<Constant>(Constant{integers({1, 2, 3}), "t", {}}));
  EXPECT_EQ(described(full, {Tensor(DataType::kInt4, {3})}),
            "22:1:3:2; i=7 f=0.500000 s=text is= fs=1.000000,2.000000, ss=x,y, t=3");
}

TEST(CustomOperator, TheSchemaIsCheckedBeforeItIsCalled) {
  const auto operators = load({"right"});
  const auto compile_error = [&](OneNode one) { return error_of([&] { one.compile(operators); }); };
  EXPECT_THAT(compile_error({"test", "Scaled", {floats({"2"})}, {{"factor", int64_t{1}}}}),
              AllOf(HasSubstr("node 'n'"), HasSubstr("f32"), HasSubstr("i32, i64")));
  EXPECT_THAT(compile_error({"test", "Scaled", {of(DataType::kInt64, {2})}}),
              AllOf(HasSubstr("node 'n'"), HasSubstr("attribute 'factor' is missing")));
  EXPECT_THAT(compile_error({"test", "Scaled", {of(DataType::kInt64, {2})}, {{"factor", 1.0f}}}),
              HasSubstr("attribute 'factor' is of kind float"));
  EXPECT_THAT(
      compile_error(
          {"test", "Scaled", {of(DataType::kInt64, {2})}, {{"by", int64_t{1}}, {"factor", int64_t{1}}}}),
      HasSubstr("attribute 'by' is not one of the operator's"));
}

TEST(CustomOperator, InfersWithSymbols) {
  const auto operators = load({"right", "asinh"});
  const auto inferred = [&](OneNode one) {
    ops::infer_types(one.model(), *operators);
    return one.node().output(0)->type().to_string();
  };
  EXPECT_EQ(inferred({"test", "Stack", {floats({"2", "columns"})}}), "f32[4,columns]");
  EXPECT_EQ(inferred({"test", "Stack", {floats({"rows", "?"})}}), "f32[?,?]");
  EXPECT_EQ(inferred({"test", "Stack", {Type::tensor(DataType::kFloat)}}), "f32[...]");
  EXPECT_EQ(inferred({"com.example", "Asinh", {floats({"batch", "3*n"})}}), "f32[batch,3*n]");
  EXPECT_EQ(inferred({"test", "Fill", {integers({2, 5}), of(DataType::kBfloat16, {1})}}), "bf16[2,5]");
  EXPECT_EQ(inferred({"test", "Fill", {of(DataType::kInt64, {2}), of(DataType::kBfloat16, {1})}}),
            "bf16[...]");
}

// What infer refuses, run never sees, whether the sizes were known before or not.
TEST(CustomOperator, InferGuardsEveryRun) {
  const auto operators = load({"right"});
  OneNode known("test", "Stack", {floats({"2"})});
  EXPECT_THAT(error_of([&] { known.compile(operators); }), HasSubstr("x is of rank 1, not 2"));
  OneNode open("test", "Stack", {Type::tensor(DataType::kFloat)});
  const auto executable = open.compile(operators);
  EXPECT_THAT(
      error_of([&] { executable->run(std::vector<RuntimeValue>{Tensor(DataType::kFloat, {1, 1, 1})}); }),
      AllOf(HasSubstr("node 'n'"), HasSubstr("x is of rank 3, not 2")));
}

TEST(CustomOperator, MakesOutputsOfEveryType) {
  const auto operators = load({"right"});
  for (int number = 1; number < kDataTypeCount; ++number) {
    const auto type = static_cast<DataType>(number);
    Tensor x = type == DataType::kString ? strings({"é"}) : Tensor(type, {8});
    for (size_t i = 0; type != DataType::kString && i < x.bytes(); ++i)
      static_cast<uint8_t*>(x.raw())[i] = type == DataType::kBool ? i % 2 : static_cast<uint8_t>(17 * i + 1);
    OneNode one("test", "Fill", {of(DataType::kInt64, {2}), of(type, {x.dim(0)})});
    const auto outputs = one.run(operators, {integers({3, x.count()}), x});
    const Tensor& y = outputs[0].tensor();
    ASSERT_EQ(y.describe(), Tensor(type, {3, x.count()}).describe());
    if (type == DataType::kString) {
      EXPECT_THAT(y.data<Text>(), ElementsAre("é", "é", "é"));
      continue;
    }
    for (size_t i = 0; i < y.bytes(); ++i)
      ASSERT_EQ(y.raw_bytes()[i], x.raw_bytes()[i % x.bytes()]) << onnx_name_of(type) << " " << i;
  }
}

TEST(CustomOperator, IsFoldedWhenItsInputsAreConstants) {
  OneNode one("test", "Fill", {integers({2, 1}), Tensor::from<float>({1}, std::vector<float>{3})});
  const auto outputs = one.run(load({"right"}), {});
  EXPECT_TRUE(identical(outputs[0].tensor(), Tensor::from<float>({2, 1}, std::vector<float>{3, 3})));
}

std::vector<int64_t> state_counts(const std::vector<RuntimeValue>& outputs) {
  const auto counts = outputs[1].tensor().data<int64_t>();
  return {counts.begin(), counts.end()};
}

TEST(CustomOperator, NodesWithTheSameAttributesShareAState) {
  std::vector<int64_t> before, after;
  {
    const auto operators = load({"right"});
    OneNode one("test", "Scaled", {of(DataType::kInt64, {2})}, {{"factor", int64_t{3}}}, 2);
    OneNode same("test", "Scaled", {of(DataType::kInt32, {1})}, {{"factor", int64_t{3}}}, 2);
    OneNode other("test", "Scaled", {of(DataType::kInt64, {2})}, {{"factor", int64_t{-1}}}, 2);
    const auto first = one.run(operators, {integers({1, 2})});
    EXPECT_THAT(first[0].tensor().data<int64_t>(), ElementsAre(3, 6));
    before = state_counts(first);
    same.run(operators, {Tensor::from<int32_t>({1}, std::vector<int32_t>{1})});
    EXPECT_EQ(state_counts(one.run(operators, {integers({1, 2})})), before);
    const auto third = other.run(operators, {integers({1, 2})});
    EXPECT_THAT(third[0].tensor().data<int64_t>(), ElementsAre(-1, -2));
    after = state_counts(third);
    EXPECT_EQ(after[0], before[0] + 1);
  }
  // The library may have been unloaded with its counters, or not: in both cases no state is left.
  const auto operators = load({"right"});
  OneNode one("test", "Scaled", {of(DataType::kInt64, {1})}, {{"factor", int64_t{5}}}, 2);
  EXPECT_EQ(state_counts(one.run(operators, {integers({1})}))[0], 1);
}

TEST(CustomOperator, RunsInManyThreadsAtOnce) {
  OneNode one("test", "Scaled", {of(DataType::kInt64, {Dim::symbol("n")})}, {{"factor", int64_t{3}}}, 2);
  const auto executable = one.compile(load({"right"}));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int64_t t = 1; t <= 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t round = 0; round < 200; ++round) {
        const auto outputs = executable->run(std::vector<RuntimeValue>{integers({t, round})});
        const auto y = outputs[0].tensor().data<int64_t>();
        if (y[0] != 3 * t || y[1] != 3 * round) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// The model is all that is left.
TEST(CustomOperator, TheModelKeepsTheLibrary) {
  OneNode one("test", "Stack", {floats({"n", "2"})});
  auto executable = one.compile(load({"right"}));
  const auto outputs =
      executable->run(std::vector<RuntimeValue>{Tensor::from<float>({1, 2}, std::vector<float>{1, 2})});
  executable.reset();
  EXPECT_TRUE(identical(outputs[0].tensor(), Tensor::from<float>({2, 2}, std::vector<float>{1, 2, 1, 2})));
}

TEST(CustomOperator, OtherEnginesTakeNone) {
  OneNode one("test", "Stack", {floats({"n", "2"})});
  backends::CompileOptions options;
  options.operators = load({"right"});
  auto model = std::make_shared<Model>(clone(one.model()));
  EXPECT_THAT(error_of([&] { backends::find_backend("onnxruntime").compile({{}, model}, options); }),
              AllOf(HasSubstr("onnxruntime takes no custom operators"), HasSubstr("--backend native")));
}

}  // namespace
}  // namespace slipway::custom
