// The expected values are PyTorch 2.13's, in double precision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

constexpr double kTolerance = 1e-9;
constexpr float kEpsilon = 1e-5f;

Tensor doubles(const Dims& dims, const std::vector<double>& values) {
  return Tensor::from<double>(dims, values);
}

void expect_near(const Tensor& tensor, const std::vector<double>& expected) {
  EXPECT_THAT(tensor.data<double>(), Pointwise(DoubleNear(kTolerance), expected));
}

Type f64(const Shape& shape) {
  return Type::tensor(DataType::kDouble, shape);
}

const std::vector<double> kRows{1, 2, 4, 0, -3, 5};

TEST(LayerNormalization, NormalizesRows) {
  const OneOperator operation("LayerNormalization", {f64({2, 3}), f64({3}), f64({3})}, {}, 3);
  const std::vector<RuntimeValue> inputs{doubles({2, 3}, kRows), doubles({3}, {1, 2, 0.5}),
                                         doubles({3}, {0, 1, -1})};
  expect_near(operation.run(inputs),
              {-1.0690415315, 0.4654792343, -0.3318490428, -0.2020304161, -1.2223345776, -0.3434011475});
  EXPECT_EQ(operation.output_type(1), "f32[2,1]");
  const Tensor mean = operation.run(inputs, 1), inverse = operation.run(inputs, 2);
  EXPECT_FLOAT_EQ(mean.data<float>()[0], 2.3333333F);
  EXPECT_FLOAT_EQ(mean.data<float>()[1], 0.6666667F);
  EXPECT_FLOAT_EQ(inverse.data<float>()[0], 0.80178115F);
  EXPECT_FLOAT_EQ(inverse.data<float>()[1], 0.30304562F);
}

TEST(LayerNormalization, StatisticsAreOfTheTypeThatIsAskedFor) {
  const OneOperator operation("LayerNormalization", {f64({Dim::symbol("n"), 4, 3}), f64({3})},
                              {{"axis", int64_t{1}}, {"stash_type", int64_t{16}}}, 3);
  EXPECT_EQ(operation.output_type(0), "f64[n,4,3]");
  EXPECT_EQ(operation.output_type(2), "bf16[n,1,1]");
}

TEST(LayerNormalization, OfNoRows) {
  const OneOperator operation("LayerNormalization", {f64({0, 3}), f64({3})});
  EXPECT_EQ(operation.run({doubles({0, 3}, {}), doubles({3}, {1, 1, 1})}).dims(), (Dims{0, 3}));
}

TEST(LayerNormalization, SaysWhatIsWrong) {
  const OneOperator operation("LayerNormalization", {f64({2, 3}), f64({2})});
  EXPECT_THAT([&] { operation.run({doubles({2, 3}, kRows), doubles({2}, {1, 1})}); },
              ThrowsMessage<Error>(HasSubstr("shapes [2] and [2,3] cannot be broadcast")));
  const OneOperator far("LayerNormalization", {f64({2, 3}), f64({3})}, {{"axis", int64_t{2}}});
  EXPECT_THAT([&] { far.output_type(); }, ThrowsMessage<Error>(HasSubstr("axis")));
}

TEST(RMSNormalization, BringsTheMeanSquareToOne) {
  const OneOperator operation("RMSNormalization", {f64({2, 3}), f64({})});
  expect_near(operation.run({doubles({2, 3}, kRows), Tensor::scalar(1.0)}),
              {0.3779642030, 0.7559284061, 1.5118568121, 0, -0.8911323955, 1.4852206592});
  const OneOperator mixed("RMSNormalization", {f64({2, 3}), Type::tensor(DataType::kFloat16, Shape{3})});
  EXPECT_EQ(mixed.output_type(), "f16[2,3]");
}

Tensor squares() {
  return doubles({1, 4, 2}, {0, 1, 4, 9, 16, 25, 36, 49});
}
Tensor scale() {
  return doubles({4}, {1, 2, 3, 4});
}
Tensor bias() {
  return doubles({4}, {0, 1, 0, 1});
}

OneOperator groups(int64_t count) {
  return OneOperator("GroupNormalization", {f64({1, 4, 2}), f64({4}), f64({4})},
                     {{"num_groups", count}, {"epsilon", kEpsilon}});
}

TEST(GroupNormalization, NormalizesGroupsOfChannels) {
  expect_near(groups(2).run({squares(), scale(), bias()}),
              {-0.9999995918, -0.7142854227, 1.2857141691, 4.1428558601, -3.7685500541, -1.5803597001,
               2.4587935693, 6.6730861030});
}

TEST(GroupNormalization, SaysWhatIsWrong) {
  for (int64_t count : {0, 3, 8}) {
    EXPECT_THAT([&] { groups(count).output_type(); },
                ThrowsMessage<Error>(HasSubstr("4 channels cannot be divided into")));
    EXPECT_THAT([&] { groups(count).run({squares(), scale(), bias()}); },
                ThrowsMessage<Error>(HasSubstr("4 channels cannot be divided into")));
  }
  EXPECT_THAT([&] { groups(2).run({squares(), doubles({2}, {1, 2}), bias()}); },
              ThrowsMessage<Error>(HasSubstr("input 1 has shape [2], but [4] was expected")));
}

TEST(InstanceNormalization, NormalizesEachChannel) {
  const OneOperator operation("InstanceNormalization", {f64({1, 4, 2}), f64({4}), f64({4})});
  expect_near(operation.run({squares(), scale(), bias()}),
              {-0.9999800006, 0.9999800006, -0.9999984000, 2.9999984000, -2.9999992593, 2.9999992593,
               -2.9999995266, 4.9999995266});
  const OneOperator list("InstanceNormalization", {f64({4}), f64({4}), f64({4})});
  EXPECT_THAT([&] { list.output_type(); }, ThrowsMessage<Error>(HasSubstr("it has no channel axis")));
}

TEST(LpNormalization, ALineOfZerosStaysOne) {
  const OneOperator operation("LpNormalization", {f64({2, 2})}, {{"axis", int64_t{0}}, {"p", int64_t{1}}});
  expect_near(operation.run({doubles({2, 2}, {0, -1, 0, 3})}), {0, -0.25, 0, 0.75});
  const OneOperator third("LpNormalization", {f64({2, 2})}, {{"p", int64_t{3}}});
  EXPECT_THAT([&] { third.output_type(); }, ThrowsMessage<Error>(HasSubstr("attribute 'p' is 3")));
}

TEST(MeanVarianceNormalization, OverAnyAxes) {
  const OneOperator operation("MeanVarianceNormalization", {f64({2, 2})},
                              {{"axes", std::vector<int64_t>{-1}}});
  expect_near(operation.run({doubles({2, 2}, {1, 3, 5, 5})}), {-0.999999999, 0.999999999, 0, 0});
  const OneOperator twice("MeanVarianceNormalization", {f64({2, 2})},
                          {{"axes", std::vector<int64_t>{1, -1}}});
  EXPECT_THAT([&] { twice.output_type(); }, ThrowsMessage<Error>(HasSubstr("name axis 1 twice")));
}

}  // namespace
}  // namespace slipway::ops
