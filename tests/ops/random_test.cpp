// Random operators: with a seed, the numbers of NumPy's RandomState; Multinomial and Bernoulli by what they
// must be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

MATCHER(IsSameDraw, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) < 1e-9;
}

const std::vector<OneOperator::Setting> kSeed{
    {"seed", 7.0F}, {"dtype", static_cast<int64_t>(DataType::kDouble)}, {"shape", std::vector<int64_t>{5}}};

TEST(Random, FollowsNumpysSequences) {
  const OneOperator normal("RandomNormal", {}, kSeed);
  EXPECT_EQ(normal.output_type(), "f64[5]");
  EXPECT_THAT(normal.run({}).data<double>(),
              Pointwise(IsSameDraw(), {1.690525704, -0.465937371, 0.032820164, 0.407516283, -0.788923029}));
  const OneOperator uniform("RandomUniform", {}, kSeed);
  EXPECT_THAT(uniform.run({}).data<double>().first(3),
              Pointwise(IsSameDraw(), {0.076308289, 0.779918792, 0.438409231}));
}

TEST(Random, WithoutASeedEachRunDiffers) {
  const OneOperator uniform("RandomUniform", {}, {{"shape", std::vector<int64_t>{8}}});
  EXPECT_FALSE(identical(uniform.run({}), uniform.run({})));
}

TEST(Random, RefusesWrongShapesTypesAndSeeds) {
  const OneOperator negative("RandomUniform", {}, {{"shape", std::vector<int64_t>{-1}}});
  EXPECT_THROW(negative.run({}), Error);
  const OneOperator text("RandomUniform", {}, {{"shape", std::vector<int64_t>{1}}, {"dtype", int64_t{8}}});
  EXPECT_THAT([&] { text.run({}); }, ThrowsMessage<Error>(HasSubstr("attribute 'dtype' is 8")));
  const OneOperator seed("RandomUniform", {}, {{"shape", std::vector<int64_t>{1}}, {"seed", -1.0F}});
  EXPECT_THAT([&] { seed.run({}); }, ThrowsMessage<Error>(HasSubstr("the seed is -1")));
}

TEST(Bernoulli, IsCertainAtTheEndsAndRefusesWhatIsNoProbability) {
  const OneOperator bernoulli("Bernoulli", {Type::tensor(DataType::kFloat, Shape{4})},
                              {{"dtype", static_cast<int64_t>(DataType::kBool)}});
  EXPECT_EQ(bernoulli.output_type(), "bool[4]");
  EXPECT_THAT(bernoulli.run({Tensor::from<float>({4}, std::vector<float>{1, 0, 1, 0})}).data<bool>(),
              testing::ElementsAre(true, false, true, false));
  EXPECT_THAT([&] { bernoulli.run({Tensor::from<float>({4}, std::vector<float>{0, 2, 0, 0})}); },
              ThrowsMessage<Error>(HasSubstr("2 is no probability")));
}

TEST(Multinomial, DrawsByTheLogarithmsOfProbabilities) {
  const OneOperator draw("Multinomial", {Type::tensor(DataType::kDouble, Shape{Dim::symbol("n"), 3})},
                         {{"sample_size", int64_t{30000}}, {"seed", 1.0F}});
  EXPECT_EQ(draw.output_type(), "i32[n,30000]");
  // Probabilities 0, 1/4, 3/4.
  const double none = -std::numeric_limits<double>::infinity();
  const Tensor drawn =
      draw.run({Tensor::from<double>({1, 3}, std::vector<double>{none, 700, 700 + std::log(3)})});
  EXPECT_THAT(drawn.data<int32_t>(), Each(testing::AnyOf(1, 2)));
  const auto samples = drawn.data<int32_t>();
  // Five standard deviations of the mean.
  EXPECT_NEAR(std::accumulate(samples.begin(), samples.end(), 0.0) / 30000, 1.75,
              5 * std::sqrt(0.1875 / 30000));
}

}  // namespace
}  // namespace slipway::ops
