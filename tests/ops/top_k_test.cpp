// The expected values of ArgMax and ArgMin are NumPy 2's, those of TopK PyTorch 2.13's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

int64_t arg(const std::string& name, const std::vector<float>& values, int64_t select_last_index) {
  const auto count = static_cast<int64_t>(values.size());
  const OneOperator operation(name, {Type::tensor(DataType::kFloat, Shape{count})},
                              {{"select_last_index", select_last_index}});
  return operation.run({Tensor::from<float>({count}, values)}).data<int64_t>()[0];
}

TEST(ArgMax, FindsTheFirstOrTheLastOfEquals) {
  EXPECT_EQ(arg("ArgMax", {1, 3, 3, 2}, 0), 1);
  EXPECT_EQ(arg("ArgMax", {1, 3, 3, 2}, 1), 2);
  EXPECT_EQ(arg("ArgMin", {1, 3, 1, 2}, 0), 0);
  EXPECT_EQ(arg("ArgMin", {1, 3, 1, 2}, 1), 2);
}

TEST(ArgMax, FindsNaNFirst) {
  EXPECT_EQ(arg("ArgMax", {1, NAN, 5, NAN, 2}, 0), 1);
  EXPECT_EQ(arg("ArgMax", {1, NAN, 5, NAN, 2}, 1), 3);
  EXPECT_EQ(arg("ArgMin", {NAN, 1, -5}, 0), 0);
  EXPECT_EQ(arg("ArgMin", {NAN, 1, -5}, 1), 0);
}

TEST(ArgMax, AnEmptyAxisHasNoGreatestElement) {
  const OneOperator operation("ArgMax", {Type::tensor(DataType::kFloat, Shape{2, 0})},
                              {{"axis", int64_t{1}}});
  EXPECT_EQ(operation.output_type(), "i64[2,1]");
  EXPECT_THAT([&] { operation.run({Tensor(DataType::kFloat, {2, 0})}); },
              ThrowsMessage<Error>(HasSubstr("axis 1 of f32[2,0] is empty")));
  const OneOperator other("ArgMax", {Type::tensor(DataType::kFloat, Shape{2, 0})},
                          {{"keepdims", int64_t{0}}});
  EXPECT_EQ(other.run({Tensor(DataType::kFloat, {2, 0})}).dims(), Dims{0});
}

OneOperator top_k(const Shape& shape, int64_t axis, int64_t largest) {
  return OneOperator("TopK",
                     {Type::tensor(DataType::kFloat, shape), Type::tensor(DataType::kInt64, Shape{1})},
                     {{"axis", axis}, {"largest", largest}}, 2);
}

TEST(TopK, NaNIsGreaterThanAnyNumber) {
  const Tensor numbers = Tensor::from<float>({5}, std::vector<float>{1, NAN, INFINITY, -2, 1});
  const OneOperator largest = top_k({5}, 0, 1), smallest = top_k({5}, 0, 0);
  EXPECT_THAT(largest.run({numbers, integers({5})}, 1).data<int64_t>(), ElementsAre(1, 2, 0, 4, 3));
  EXPECT_THAT(smallest.run({numbers, integers({5})}, 1).data<int64_t>(), ElementsAre(3, 0, 4, 2, 1));
  EXPECT_THAT(largest.run({numbers, integers({3})}).data<float>(),
              ElementsAre(testing::IsNan(), INFINITY, 1));
}

TEST(TopK, NoneOfAnyAxis) {
  EXPECT_EQ(top_k({2, 3}, 0, 1).run({Tensor(DataType::kFloat, {2, 3}), integers({0})}).dims(), (Dims{0, 3}));
  EXPECT_EQ(top_k({2, 0}, 1, 1).run({Tensor(DataType::kFloat, {2, 0}), integers({0})}, 1).dims(),
            (Dims{2, 0}));
}

TEST(TopK, InfersBothOutputs) {
  OneOperator operation = top_k({Dim::symbol("n"), 7}, -1, 1);
  EXPECT_EQ(operation.output_type(0), "f32[n,?]");
  operation.know(1, integers({3}));
  EXPECT_EQ(operation.output_type(0), "f32[n,3]");
  EXPECT_EQ(operation.output_type(1), "i64[n,3]");
}

TEST(TopK, SaysWhatIsWrong) {
  const Tensor numbers(DataType::kFloat, {2, 3});
  const auto error = [&](const Tensor& k, const char* text) {
    EXPECT_THAT([&] { top_k({2, 3}, 1, 1).run({numbers, k}); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  error(integers({4}), "K is 4, but the axis has 3 elements");
  error(integers({-1}), "K is -1");
  error(integers({1, 2}), "K has 2 elements, but one was expected");
}

}  // namespace
}  // namespace slipway::ops
