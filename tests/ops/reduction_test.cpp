// The expected values are NumPy 2's. tests/types has every type and many shapes; here is what NumPy does not
// say: what comes out of nothing, NaN and infinities, integers at their limits, inference and errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;
using testing::ThrowsMessage;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename T>
T reduce_all(const std::string& name, const std::vector<T>& values) {
  const auto count = static_cast<int64_t>(values.size());
  const OneOperator operation(name, {Type::tensor(data_type_of<T>, Shape{Dim(count)})},
                              {{"keepdims", int64_t{0}}});
  const Tensor result = operation.run({Tensor::from<T>({count}, values)});
  EXPECT_EQ(result.dims(), Dims{});
  return result.data<T>()[0];
}

TEST(Reduction, OfNothing) {
  EXPECT_EQ(reduce_all<double>("ReduceSum", {}), 0);
  EXPECT_EQ(reduce_all<double>("ReduceProd", {}), 1);
  EXPECT_EQ(reduce_all<double>("ReduceMax", {}), -kInfinity);
  EXPECT_EQ(reduce_all<double>("ReduceMin", {}), kInfinity);
  EXPECT_EQ(reduce_all<double>("ReduceLogSum", {}), -kInfinity);
  EXPECT_EQ(reduce_all<double>("ReduceLogSumExp", {}), -kInfinity);
  EXPECT_EQ(reduce_all<double>("ReduceL2", {}), 0);
  EXPECT_THAT(reduce_all<double>("ReduceMean", {}), IsNan());
  EXPECT_EQ(reduce_all<int32_t>("ReduceMax", {}), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(reduce_all<uint8_t>("ReduceMin", {}), 255);
  EXPECT_THAT([] { reduce_all<int64_t>("ReduceMean", {}); },
              ThrowsMessage<Error>(HasSubstr("the mean of no integers is not defined")));
}

TEST(Reduction, NaNAndInfinities) {
  EXPECT_THAT(reduce_all<double>("ReduceMax", {1, NAN, 2}), IsNan());
  EXPECT_THAT(reduce_all<double>("ReduceMin", {NAN, 1, -2}), IsNan());
  EXPECT_EQ(reduce_all<double>("ReduceLogSumExp", {-kInfinity, 0}), 0);
  EXPECT_EQ(reduce_all<double>("ReduceLogSumExp", {-kInfinity, -kInfinity}), -kInfinity);
  EXPECT_EQ(reduce_all<double>("ReduceLogSumExp", {kInfinity, 0}), kInfinity);
  EXPECT_THAT(reduce_all<double>("ReduceLogSumExp", {NAN, 0}), IsNan());
  EXPECT_DOUBLE_EQ(reduce_all<double>("ReduceLogSumExp", {1000, 1000}), 1000.6931471805599);
}

TEST(Reduction, IntegersAtTheirLimits) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(reduce_all<int64_t>("ReduceMean", {kMax, kMax, kMax}), kMax);
  EXPECT_EQ(reduce_all<int64_t>("ReduceMean", {kMin, kMin}), kMin);
  EXPECT_EQ(reduce_all<int64_t>("ReduceMean", {kMax, kMin}), 0);
  EXPECT_EQ(reduce_all<int64_t>("ReduceMean", {-7, 2, -3}), -2);
  EXPECT_EQ(reduce_all<int64_t>("ReduceMean", {7, -2, 3}), 2);
  EXPECT_EQ(reduce_all<int32_t>("ReduceMean", {3, -4, 3, -5, 6, 6}), 1);
  EXPECT_EQ(reduce_all<uint64_t>("ReduceMean", {~uint64_t{0}, ~uint64_t{0}}), ~uint64_t{0});
  EXPECT_EQ(reduce_all<int32_t>("ReduceSum", {std::numeric_limits<int32_t>::max(), 1}),
            std::numeric_limits<int32_t>::min());
  EXPECT_EQ(reduce_all<int32_t>("ReduceL2", {3, -4}), 5);
  EXPECT_EQ(reduce_all<uint32_t>("ReduceLogSumExp", {2, 3, 4}), 4u);
}

TEST(Reduction, OverNoAxesTheRestOfTheOperatorRemains) {
  const Type type = Type::tensor(DataType::kFloat, Shape{2});
  const Tensor input = Tensor::from<float>({2}, std::vector<float>{-3, 2});
  const auto run = [&](const std::string& name) {
    return OneOperator(name, {type}, {{"noop_with_empty_axes", int64_t{1}}}).run({input});
  };
  EXPECT_THAT(run("ReduceSum").data<float>(), ElementsAre(-3, 2));
  EXPECT_THAT(run("ReduceL1").data<float>(), ElementsAre(3, 2));
  EXPECT_THAT(run("ReduceSumSquare").data<float>(), ElementsAre(9, 4));
  const OneOperator all("ReduceSum", {type, Type::tensor(DataType::kInt64, Shape{0})});
  EXPECT_THAT(all.run({input, integers({})}).data<float>(), ElementsAre(-1));
}

TEST(Reduction, OfAScalar) {
  const OneOperator sum("ReduceSum", {Type::tensor(DataType::kBfloat16, Shape{})});
  EXPECT_EQ(sum.output_type(), "bf16[]");
  EXPECT_EQ(sum.run({Tensor::scalar(Bfloat16(2.5))}).data<Bfloat16>()[0], Bfloat16(2.5));
}

TEST(Reduction, InfersWithSymbols) {
  const Type type = Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 3, Dim::symbol("w")});
  const auto axes = [](const Dim& count) { return Type::tensor(DataType::kInt64, Shape{count}); };
  EXPECT_EQ(OneOperator("ReduceMean", {type, axes(1)}).know(1, integers({-1})).output_type(), "f32[n,3,1]");
  EXPECT_EQ(OneOperator("ReduceMean", {type}, {{"keepdims", int64_t{0}}}).output_type(), "f32[]");
  EXPECT_EQ(OneOperator("ReduceMean", {type, axes(2)}, {{"keepdims", int64_t{0}}}).output_type(), "f32[?]");
  EXPECT_EQ(OneOperator("ReduceMean", {type, axes(Dim())}, {{"keepdims", int64_t{0}}}).output_type(),
            "f32[...]");
  EXPECT_EQ(OneOperator("ReduceMean", {type, axes(Dim())}).output_type(), "f32[?,?,?]");
}

TEST(Reduction, SaysWhatIsWrong) {
  const auto error = [](const std::vector<int64_t>& axes, const char* text) {
    OneOperator wrong("ReduceMax",
                      {Type::tensor(DataType::kFloat, Shape{2, 3}),
                       Type::tensor(DataType::kInt64, Shape{static_cast<int64_t>(axes.size())})});
    EXPECT_THAT([&] { wrong.run({Tensor(DataType::kFloat, {2, 3}), integers(axes)}); },
                ThrowsMessage<Error>(HasSubstr(text)));
    wrong.know(1, integers(axes));
    EXPECT_THAT([&] { wrong.output_type(); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  error({2}, "axis");
  error({-3}, "axis");
  error({1, -1}, "name axis 1 twice");
}

}  // namespace
}  // namespace slipway::ops
