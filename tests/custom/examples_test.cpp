// The operators of examples/custom_ops on test cases whose results are NumPy's and PyTorch's (tests/golden/
// make_custom_ops.py), and the deformable convolution against the standard's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "custom/one_node.hpp"
#include "reference/interpreter.hpp"
#include "workbench/check.hpp"
#include "workbench/inspect.hpp"
#include "workbench/run_tests.hpp"

namespace slipway::custom {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Pair;

std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/custom_ops" / name;
}

backends::CompileOptions with_examples() {
  backends::CompileOptions options;
  options.operators = load({"asinh", "deform_conv", "byte_pair"});
  return options;
}

TEST(CustomExamples, AgreeWithTheGoldenCases) {
  auto cases = workbench::find_test_cases(golden(""));
  ASSERT_EQ(cases.size(), 5U);
  const auto options = with_examples();
  for (auto& test : cases) {
    test.relative = 1e-6;
    test.absolute = 2e-6;
    const auto result = workbench::run_test(test, backends::find_backend("native"), options);
    EXPECT_EQ(result.verdict, workbench::Verdict::kPassed) << test.name << ": " << result.reason;
  }
}

TEST(CustomExamples, AreCheckedAndCounted) {
  const auto options = with_examples();
  const auto findings =
      workbench::check(golden("asinh") / "model.onnx", backends::find_backend("native"), options);
  EXPECT_THAT(findings, Contains(AllOf(Field(&workbench::Finding::kind, workbench::Finding::Kind::kCustom),
                                       Field(&workbench::Finding::where, "node 'arc' (com.example.Asinh)"),
                                       Field(&workbench::Finding::reason,
                                             AllOf(HasSubstr("com.example:Asinh"), HasSubstr("asinh.so"))))));
  for (const auto& finding : findings) EXPECT_FALSE(workbench::is_fatal(finding)) << finding.reason;
  // Its own function, not the library's operator.
  for (const auto& finding :
       workbench::check(golden("function") / "model.onnx", backends::find_backend("native"), options))
    EXPECT_NE(finding.kind, workbench::Finding::Kind::kCustom);

  const workbench::InputShapes shapes = {
      {"input", {2, 3, 7, 9}}, {"offset", {2, 18, 7, 9}}, {"mask", {2, 9, 7, 9}}};
  const auto report = workbench::inspect(golden("deform_conv") / "model.onnx", shapes, *options.operators);
  EXPECT_THAT(report.operators, ElementsAre(Pair("torchvision:deform_conv2d", 1)));
  EXPECT_THAT(report.custom_operators,
              ElementsAre(Pair("torchvision:deform_conv2d", library("deform_conv").string())));
  ASSERT_TRUE(report.flops) << report.flops_note;
  EXPECT_EQ(*report.flops, 2 * 7 * 9 * 9 * (2.0 * 4 * 3 + 10 * 3));
}

TEST(CustomExamples, BytePairLeavesOutWhatNobodyWants) {
  OneNode one("com.example", "BytePair", {Type::tensor(DataType::kString, Shape{Dim::symbol("n")})},
              {{"merges", std::vector<int64_t>{'a', 'b'}}}, 2);
  const auto outputs = one.run(with_examples().operators,
                               {Tensor::from<std::string>({2}, std::vector<std::string>{"abc", "ab"})});
  EXPECT_THAT(outputs[0].tensor().data<int64_t>(), ElementsAre(256, 'c', 256));
  EXPECT_THAT(outputs[1].tensor().data<int64_t>(), ElementsAre(0, 2, 3));
}

TEST(CustomExamples, BadAttributesAreFoundWhileLoading) {
  OneNode odd("com.example", "BytePair", {Type::tensor(DataType::kString, Shape{1})},
              {{"merges", std::vector<int64_t>{1, 2, 3}}}, 2);
  EXPECT_THAT(error_of([&] { odd.compile(with_examples().operators); }),
              AllOf(HasSubstr("node 'n'"), HasSubstr("byte_pair.so"), HasSubstr("merges has 3 numbers")));
  OneNode stride("torchvision", "deform_conv2d",
                 {floats({"1", "1", "4", "4"}), floats({"1", "1", "3", "3"}), floats({"1", "18", "2", "2"})},
                 {{"stride", std::vector<int64_t>{0, 1}}});
  EXPECT_THAT(error_of([&] { stride.compile(with_examples().operators); }),
              AllOf(HasSubstr("node 'n'"), HasSubstr("stride must be two numbers from 1 on")));
  OneNode offset("torchvision", "deform_conv2d",
                 {floats({"1", "1", "4", "4"}), floats({"1", "1", "3", "3"}), floats({"1", "18", "2", "3"})});
  EXPECT_THAT(error_of([&] { offset.compile(with_examples().operators); }),
              HasSubstr("offset has size 3 along axis 3, but 2 was expected"));
}

Tensor random_floats(Dims dims, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-2, 2);
  Tensor tensor(DataType::kFloat, std::move(dims));
  for (float& value : tensor.data<float>()) value = uniform(random);
  return tensor;
}

// Same operator, other order of inputs and names of attributes.
TEST(CustomExamples, DeformConvIsTheStandards) {
  std::mt19937 random(11);
  const Tensor x = random_floats({2, 4, 8, 7}, random), w = random_floats({6, 2, 3, 2}, random),
               offset = random_floats({2, 24, 4, 10}, random), mask = random_floats({2, 12, 4, 10}, random),
               bias = random_floats({6}, random);
  const auto type = [](const Tensor& tensor) {
    return Type::tensor(DataType::kFloat, Shape(tensor.dims().begin(), tensor.dims().end()));
  };
  OneNode ours("torchvision", "deform_conv2d", {type(x), w, type(offset), type(mask), bias},
               {{"stride", std::vector<int64_t>{2, 1}},
                {"padding", std::vector<int64_t>{1, 2}},
                {"dilation", std::vector<int64_t>{1, 1}},
                {"offset_groups", int64_t{2}}});
  OneNode standard("", "DeformConv", {type(x), w, type(offset), bias, type(mask)},
                   {{"strides", std::vector<int64_t>{2, 1}},
                    {"pads", std::vector<int64_t>{1, 2, 1, 2}},
                    {"group", int64_t{2}},
                    {"offset_group", int64_t{2}}});
  const auto got = ours.run(with_examples().operators, {x, offset, mask})[0].tensor();
  const auto expected = standard.run(nullptr, {x, offset, mask})[0].tensor();
  ASSERT_EQ(got.dims(), expected.dims());
  for (size_t i = 0; i < static_cast<size_t>(got.count()); ++i)
    ASSERT_NEAR(got.data<float>()[i], expected.data<float>()[i], 2e-5) << i;
}

}  // namespace
}  // namespace slipway::custom
