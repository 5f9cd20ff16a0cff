// The expected values are those of NumPy 2's arange.
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
using testing::ThrowsMessage;

OneOperator range_of(DataType type) {
  const Type scalar = Type::tensor(type, Shape{});
  return OneOperator("Range", {scalar, scalar, scalar});
}

template <typename T>
std::vector<T> range(T start, T limit, T delta) {
  const Tensor result =
      range_of(data_type_of<T>).run({Tensor::scalar(start), Tensor::scalar(limit), Tensor::scalar(delta)});
  return {result.data<T>().begin(), result.data<T>().end()};
}

TEST(Range, CountsInBothDirections) {
  EXPECT_THAT(range<int64_t>(5, 0, -2), ElementsAre(5, 3, 1));
  EXPECT_THAT(range<int16_t>(-32768, 32767, 32767), ElementsAre(-32768, -1, 32766));
  EXPECT_TRUE(range<int32_t>(3, 3, 1).empty());
  EXPECT_TRUE(range<int32_t>(3, 4, -1).empty());
  EXPECT_EQ(range<float>(0, 1, 0.1F).size(), 10u);
  EXPECT_THAT(range(Bfloat16(256), Bfloat16(260), Bfloat16(1)),
              ElementsAre(Bfloat16(256), Bfloat16(256), Bfloat16(258), Bfloat16(260)));
}

TEST(Range, StepsOfAnyMagnitude) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
  EXPECT_THAT(range<int64_t>(kMin, kMax, kMax), ElementsAre(kMin, -1, kMax - 1));
  EXPECT_THAT(range<int64_t>(kMax, kMin, kMin), ElementsAre(kMax, -1));
  EXPECT_TRUE(range<double>(1, 0, INFINITY).empty());
}

TEST(Range, SaysWhatIsWrong) {
  EXPECT_THAT([] { range<int32_t>(0, 4, 0); }, ThrowsMessage<Error>(HasSubstr("has delta 0")));
  EXPECT_THAT([] { range<double>(0, 4, 0); }, ThrowsMessage<Error>(HasSubstr("has delta 0")));
  EXPECT_THAT([] { range<double>(0, INFINITY, 1); }, ThrowsMessage<Error>(HasSubstr("never ends")));
  EXPECT_THAT([] { range<double>(0, NAN, 1); }, ThrowsMessage<Error>(HasSubstr("never ends")));
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
  EXPECT_THAT([] { range<int64_t>(kMin, kMax, 1); }, ThrowsMessage<Error>(HasSubstr("is too long")));
}

TEST(Range, InfersItsLength) {
  OneOperator operation = range_of(DataType::kInt64);
  EXPECT_EQ(operation.output_type(), "i64[?]");
  operation.know(0, Tensor::scalar<int64_t>(9)).know(1, Tensor::scalar<int64_t>(-2));
  operation.know(2, Tensor::scalar<int64_t>(-4));
  EXPECT_EQ(operation.output_type(), "i64[3]");
}

}  // namespace
}  // namespace slipway::ops
