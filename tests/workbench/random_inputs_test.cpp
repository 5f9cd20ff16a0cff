#include "workbench/random_inputs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

TEST(RandomInputs, TheSameSeedIsTheSameTensor) {
  EXPECT_TRUE(
      identical(random_tensor(DataType::kFloat, {100}, 7), random_tensor(DataType::kFloat, {100}, 7)));
  EXPECT_FALSE(
      identical(random_tensor(DataType::kFloat, {100}, 7), random_tensor(DataType::kFloat, {100}, 8)));
}

// SplitMix64 from state 0 begins 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4 (Steele, Lea, Flood 2014); the top 24
// bits over 2^24 are what is written down here.
TEST(RandomInputs, AreWhatThePaperSays) {
  const Tensor tensor = random_tensor(DataType::kFloat, {2}, 0);
  EXPECT_EQ(tensor.data<float>()[0], 0xe220a8p-24f);
  EXPECT_EQ(tensor.data<float>()[1], 0x6e789ep-24f);
}

TEST(RandomInputs, LieEvenlyInTheUnitInterval) {
  const Tensor tensor = random_tensor(DataType::kDouble, {100'000}, 3);
  double sum = 0, squares = 0;
  for (const double value : tensor.data<double>()) {
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  // Five standard deviations of the mean of so many.
  EXPECT_NEAR(sum / 100'000, 1.0 / 2, 5 * std::sqrt(1.0 / 12 / 100'000));
  EXPECT_NEAR(squares / 100'000, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / 100'000));
}

TEST(RandomInputs, IntegersAreZeroOrOne) {
  const Tensor tensor = random_tensor(DataType::kInt64, {1000}, 3);
  int64_t ones = 0;
  for (const int64_t value : tensor.data<int64_t>()) {
    EXPECT_TRUE(value == 0 || value == 1);
    ones += value;
  }
  EXPECT_GT(ones, 400);
  EXPECT_LT(ones, 600);
}

TEST(RandomInputs, EveryTypeOfAByteOrMore) {
  for (const DataType type :
       {DataType::kFloat,        DataType::kDouble,         DataType::kFloat16,    DataType::kBfloat16,
        DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz, DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz,
        DataType::kFloat8e8m0,   DataType::kInt8,           DataType::kInt16,      DataType::kInt32,
        DataType::kInt64,        DataType::kUint8,          DataType::kUint16,     DataType::kUint32,
        DataType::kUint64,       DataType::kBool,           DataType::kString,     DataType::kComplex64,
        DataType::kComplex128})
    EXPECT_EQ(random_tensor(type, {2, 3}, 1).type(), type);
  EXPECT_THROW(random_tensor(DataType::kInt4, {2}, 1), Error);
}

}  // namespace
}  // namespace slipway::workbench
