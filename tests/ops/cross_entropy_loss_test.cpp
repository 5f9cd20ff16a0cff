// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss. The expected values are PyTorch 2.13's cross_entropy
// in double.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

using Settings = std::vector<OneOperator::Setting>;

const Type kScores = Type::tensor(DataType::kDouble, Shape{2, 3});
const Type kTargets = Type::tensor(DataType::kInt64, Shape{2});

Tensor scores() {
  return Tensor::from<double>({2, 3}, std::vector<double>{1, 2, 0.5, 0.1, -1, 3});
}

Tensor loss(const Settings& settings, const Tensor& targets = integers({1, 2})) {
  return OneOperator("SoftmaxCrossEntropyLoss", {kScores, kTargets}, settings).run({scores(), targets});
}

TEST(CrossEntropy, AveragesSumsOrLeavesLosses) {
  EXPECT_NEAR(loss({}).data<double>()[0], 0.2675715015342181, 1e-15);
  EXPECT_NEAR(loss({{"reduction", "sum"}}).data<double>()[0], 0.4643687841079449 + 0.07077421896049133,
              1e-15);
  const Tensor each = loss({{"reduction", "none"}});
  EXPECT_EQ(each.dims(), Dims{2});
  EXPECT_NEAR(each.data<double>()[1], 0.07077421896049133, 1e-15);
}

TEST(CrossEntropy, WeighsAndIgnoresClasses) {
  EXPECT_NEAR(loss({{"ignore_index", int64_t{2}}}).data<double>()[0], 0.4643687841079449, 1e-15);
  const OneOperator weighted("SoftmaxCrossEntropyLoss",
                             {kScores, kTargets, Type::tensor(DataType::kDouble, Shape{3})});
  const Tensor weights = Tensor::from<double>({3}, std::vector<double>{1, 2, 0.5});
  EXPECT_NEAR(weighted.run({scores(), integers({1, 2}), weights}).data<double>()[0], 0.3856498710784542,
              1e-15);
}

TEST(CrossEntropy, RefusesTargetsThatAreNoClass) {
  EXPECT_THAT([] { loss({}, integers({1, 3})); }, ThrowsMessage<Error>(HasSubstr("target 3 is no class")));
  EXPECT_THAT([] { loss({}, integers({1, -1})); }, ThrowsMessage<Error>(HasSubstr("target -1 is no class")));
  EXPECT_THAT([] { loss({}, integers({1})); }, ThrowsMessage<Error>(HasSubstr("[N,d1,…,dk]")));
}

}  // namespace
}  // namespace slipway::ops
