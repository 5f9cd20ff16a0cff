// Integers that are calculated with floats of a file: results that they do not hold are those of Cast.
#include <gtest/gtest.h>

#include <limits>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;

constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

TEST(Shrink, BiasesOfAnySize) {
  const auto shrink = [](DataType type, float bias) {
    return elements(
        run_operator("Shrink", {tensor_of(type, {3}, {-4, 0, 4})}, {{"bias", bias}, {"lambd", 1.5F}}));
  };
  EXPECT_THAT(shrink(DataType::kInt8, 1.5F), ElementsAre(-2, 0, 2));
  EXPECT_THAT(shrink(DataType::kInt8, 1e30F), ElementsAre(0, 0, 0));
  EXPECT_THAT(shrink(DataType::kInt32, kNoNumber), ElementsAre(0, 0, 0));
  EXPECT_THAT(shrink(kFloat, 1e30F), ElementsAre(1e30F, 0, -1e30F));
}

TEST(Gemm, FactorsOfAnySize) {
  const auto gemm = [](DataType type, float alpha, float beta) {
    return elements(run_operator(
        "Gemm", {tensor_of(type, {1, 1}, {2}), tensor_of(type, {1, 1}, {3}), tensor_of(type, {1, 1}, {4})},
        {{"alpha", alpha}, {"beta", beta}}));
  };
  EXPECT_THAT(gemm(DataType::kInt32, 1.5F, .25F), ElementsAre(10));
  EXPECT_THAT(gemm(DataType::kInt32, 1e30F, 1), ElementsAre(4));
  EXPECT_THAT(gemm(DataType::kInt64, kNoNumber, 0), ElementsAre(-9223372036854775808.0));
  EXPECT_THAT(gemm(DataType::kUint32, -1, 1), ElementsAre(4294967294.0));
}

}  // namespace
}  // namespace slipway::ops
