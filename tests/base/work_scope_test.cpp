#include "base/work_scope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_from.hpp"

namespace slipway {
namespace {

using testing::HasSubstr;

TEST(WorkScope, EndsWhenTheOperationsAreSpent) {
  const WorkScope scope(1000);
  WorkScope::spend(600);
  WorkScope::spend(400);
  EXPECT_THAT(error_from([] { WorkScope::spend(1); }), HasSubstr("more than the 1e+03 operations"));
  EXPECT_EQ(scope.spent(), 1001);
}

TEST(WorkScope, EndsWhenAStopIsRequested) {
  Cancellation cancellation;
  const WorkScope scope(cancellation);
  WorkScope::spend(1e9);
  cancellation.request();
  EXPECT_THAT(error_from([] { WorkScope::spend(1e9); }), HasSubstr("the run was cancelled"));
}

TEST(WorkScope, TheOneInsideCountsByItself) {
  const WorkScope outer(1000);
  {
    const WorkScope inner(1e6);
    WorkScope::spend(1e6);
  }
  EXPECT_EQ(outer.spent(), 0);
  WorkScope::spend(1000);
}

TEST(WorkScope, WithoutOneNothingIsLimited) {
  WorkScope::spend(1e300);
}

}  // namespace
}  // namespace slipway
