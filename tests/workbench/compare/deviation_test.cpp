// How far values are apart, and whether that is too far.
#include "workbench/compare/deviation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tensor/small_float.hpp"

namespace slipway::workbench {
namespace {

template <typename T>
Tensor row(std::vector<T> values) {
  return Tensor::from<T>({static_cast<int64_t>(values.size())}, values);
}

TEST(Deviation, IsMeasuredAgainstTheLargestValue) {
  const Deviation deviation = measure(row<float>({100, 0, -200}), row<float>({100, 0.01F, -200}), {});
  EXPECT_FALSE(deviation.exceeds);  // 1e-4 of 200 is 0.02
  EXPECT_NEAR(deviation.largest, 0.01, 1e-6);
  EXPECT_EQ(deviation.scale, 200);
  EXPECT_NEAR(deviation.relative(), 5e-5, 1e-8);
  EXPECT_EQ(deviation.place, "[1]");
  EXPECT_TRUE(measure(row<float>({100, 0, -200}), row<float>({100, 0.03F, -200}), {}).exceeds);
  EXPECT_TRUE(measure(row<float>({1}), row<float>({1.01F}), {.relative = 0.001}).exceeds);
  EXPECT_FALSE(measure(row<float>({1}), row<float>({1.01F}), {.relative = 0.001, .absolute = 0.01}).exceeds);
}

TEST(Deviation, NanAndInfinityStandInTheSamePlaces) {
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(measure(row<float>({nan, inf, 1}), row<float>({nan, inf, 1}), {}).exceeds);
  for (const auto& [a, b] : {std::pair(nan, 1.0F), std::pair(1.0F, nan), std::pair(inf, -inf),
                             std::pair(1.0F, inf), std::pair(nan, inf)}) {
    const Deviation deviation = measure(row<float>({0, a}), row<float>({0, b}), {.relative = 1e30});
    EXPECT_TRUE(deviation.exceeds);
    EXPECT_TRUE(std::isinf(deviation.largest));
    EXPECT_EQ(deviation.place, "[1]");
  }
}

TEST(Deviation, IntegersAndOthersAreEqual) {
  EXPECT_FALSE(measure(row<int64_t>({1, -5}), row<int64_t>({1, -5}), {}).exceeds);
  const Deviation deviation =
      measure(row<int64_t>({1, 1000000}), row<int64_t>({1, 1000001}), {.relative = 1});
  EXPECT_TRUE(deviation.exceeds);
  EXPECT_EQ(deviation.a, "1000000");
  const int64_t large = (int64_t{1} << 60) + 1;  // no double
  EXPECT_TRUE(measure(row<int64_t>({large}), row<int64_t>({large - 1}), {}).exceeds);
  EXPECT_FALSE(measure(row<int32_t>({7}), row<int64_t>({7}), {}).exceeds);
  EXPECT_TRUE(measure(row<std::string>({"a"}), row<std::string>({"b"}), {}).exceeds);
  EXPECT_FALSE(measure(row<std::string>({"a"}), row<std::string>({"a"}), {}).exceeds);
}

TEST(Deviation, OfDifferentForms) {
  const Deviation shapes = measure(row<float>({1, 2}), row<float>({1, 2, 3}), {});
  EXPECT_TRUE(shapes.exceeds);
  EXPECT_EQ(shapes.form, "f32[2] and f32[3]");
  EXPECT_EQ(measure(row<float>({1}), row<int32_t>({1}), {}).form, "f32[1] and i32[1]");
  EXPECT_EQ(measure(row<float>({1}), RuntimeValue(), {}).form, "a tensor and an empty optional");
  EXPECT_FALSE(measure(RuntimeValue(), RuntimeValue(), {}).exceeds);
}

TEST(Deviation, ToleranceOfTheCoarserType) {
  const Tensor half = row<Float16>({Float16(1.002F)});
  EXPECT_FALSE(measure(row<float>({1}), half, {}).exceeds);
  EXPECT_TRUE(measure(row<float>({1}), row<float>({1.002F}), {}).exceeds);
}

TEST(Deviation, OfSequencesIsThatOfTheWorstElement) {
  const Sequence a{row<float>({1}), row<float>({1, 2})}, b{row<float>({1}), row<float>({1, 3})};
  const Deviation deviation = measure(a, b, {});
  EXPECT_TRUE(deviation.exceeds);
  EXPECT_EQ(deviation.place, "element 1, [1]");
  EXPECT_TRUE(measure(a, Sequence{row<float>({1})}, {}).exceeds);
}

TEST(Deviation, OfComplexNumbersByTheirParts) {
  const Deviation deviation =
      measure(row<std::complex<float>>({{1, 2}}), row<std::complex<float>>({{1, 3}}), {});
  EXPECT_TRUE(deviation.exceeds);
  EXPECT_EQ(deviation.place, "[0,1]");
}

}  // namespace
}  // namespace slipway::workbench
