// Conditions on sizes, and sizes of the form "8*s + 2". Expected values are Python's.
#include "tensor/size_condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/linear_size.hpp"

namespace slipway {
namespace {

using testing::ElementsAre;

bool holds(const char* text, const std::vector<int64_t>& sizes) {
  const auto condition = SizeCondition::parse(text);
  EXPECT_TRUE(condition.has_value()) << text;
  return condition && condition->holds(sizes);
}

TEST(SizeCondition, Compares) {
  EXPECT_TRUE(holds("batch >= 2", {2}));
  EXPECT_FALSE(holds("batch >= 2", {1}));
  EXPECT_TRUE(holds("4 <= h <= 512", {512}));
  EXPECT_FALSE(holds("4 <= h <= 512", {513}));
  EXPECT_FALSE(holds("4 <= h <= 512", {3}));
  EXPECT_TRUE(holds("a == b", {3, 3}));
  EXPECT_FALSE(holds("a != b", {3, 3}));
  EXPECT_FALSE(holds("a < b", {3, 3}));
  EXPECT_TRUE(holds("a > b", {4, 3}));
}

TEST(SizeCondition, JoinsAsPythonDoes) {
  EXPECT_TRUE(holds("a == 1 or a == b", {1, 7}));
  EXPECT_TRUE(holds("a == 1 or a == b", {7, 7}));
  EXPECT_FALSE(holds("a == 1 or a == b", {2, 7}));
  EXPECT_TRUE(holds("a == 1 or a == 2 and b == 3", {1, 4}));  // `and` binds closer
  EXPECT_FALSE(holds("a == 1 or a == 2 and b == 3", {2, 4}));
  EXPECT_TRUE(holds("a > -2 and 1 + a > 1", {1}));
  EXPECT_FALSE(holds("a > -2 and 1 + a > 1", {0}));
  EXPECT_TRUE(holds("a // b == 1 or a == 3", {3, 0}));
}

TEST(SizeCondition, ComputesAsPythonDoes) {
  EXPECT_TRUE(holds("(h // 2) != 1", {4}));
  EXPECT_FALSE(holds("(h // 2) != 1", {3}));
  EXPECT_TRUE(holds("h % 8 == 0", {24}));
  EXPECT_TRUE(holds("(h - 7) // 2 == -2", {4}));  // rounds down
  EXPECT_TRUE(holds("(h - 7) % 4 == 1", {4}));    // has the divisor's sign
  EXPECT_TRUE(holds("h % -4 == -3", {5}));
  EXPECT_TRUE(holds("-h + 2*h*h - 1 == 14", {3}));
  EXPECT_TRUE(holds("h - w - 1 == 2", {5, 2}));  // from the left
  EXPECT_TRUE(holds("h // w * w == 4", {5, 2}));
  EXPECT_TRUE(holds("(max(1, w // 2)*max(1, h // 2)) != 1", {4, 2}));
  EXPECT_FALSE(holds("(max(1, w // 2)*max(1, h // 2)) != 1", {3, 2}));
  EXPECT_TRUE(holds("min(a, b, 7) == 4", {5, 4}));
}

TEST(SizeCondition, ScalesByRealNumbers) {
  EXPECT_TRUE(holds("math.trunc(2.5*torch.sym_float(h)) == 7", {3}));
  EXPECT_TRUE(holds("math.trunc(-0.5*torch.sym_float(h)) == -1", {3}));  // towards 0
  EXPECT_TRUE(holds("max(1, math.trunc(0.1*torch.sym_float(h + 1))) == 1", {3}));
  EXPECT_FALSE(holds("math.trunc(1e300*torch.sym_float(h)) > 1", {3}));
}

TEST(SizeCondition, DoesNotHoldWhereItCannotBeComputed) {
  EXPECT_FALSE(holds("a // b == a // b", {3, 0}));
  EXPECT_FALSE(holds("a % b == a % b", {3, 0}));
  EXPECT_FALSE(holds("a*a*a != 1", {INT64_C(1) << 40}));
  EXPECT_FALSE(holds("a + 9223372036854775807 > 0", {1}));
}

TEST(SizeCondition, NamesAreListedOnce) {
  EXPECT_THAT(SizeCondition::parse("h + w*h <= max")->names(), ElementsAre("h", "w", "max"));
}

TEST(SizeCondition, NothingElseIsOne) {
  std::string deep = "h";
  for (int i = 0; i < 1000; ++i) deep = "(" + deep + ")";
  const std::vector<std::string> others = {"",
                                           "h",
                                           "h >=",
                                           ">= h",
                                           "h = 2",
                                           "h >= 2 and",
                                           "h >= 2 and w",
                                           "or h >= 2",
                                           "h or w >= 2",
                                           "not h == 2",
                                           "floor(h) == 2",
                                           "h/2 == 3",
                                           "h >= 2)",
                                           "(h >= 2",
                                           "h >= 2.5",
                                           "math.trunc(2.5) == h",
                                           "math.trunc(2.5*h) == 1",
                                           "math.trunc(nope*torch.sym_float(h)) == 1",
                                           "math.trunc(2.5*torch.sym_float(h) == 1",
                                           "h >= 99999999999999999999",
                                           "h >= 2h",
                                           "max() == h",
                                           "max(h == 1",
                                           deep + " == 1",
                                           std::string(5000, 'h') + " == 1",
                                           "h == " + std::string(200, '-') + "1"};
  for (const std::string& text : others) EXPECT_FALSE(SizeCondition::parse(text)) << text;
}

TEST(LinearSize, IsSolved) {
  const auto size = as_linear(Dim::symbol("8*s + 2"));
  ASSERT_TRUE(size);
  EXPECT_EQ(size->name, "s");
  EXPECT_EQ(size->solve(26), 3);
  EXPECT_EQ(size->solve(2), 0);
  EXPECT_FALSE(size->solve(25));
  EXPECT_FALSE(size->solve(1));
  EXPECT_EQ(size->sizes(), "2 and more in steps of 8");
  EXPECT_EQ(as_linear(Dim::symbol("batch"))->solve(7), 7);
  for (const char* other : {"h*w", "h + w", "floor(h/2)", "h*h", "5 - h", "batch size"})
    EXPECT_FALSE(as_linear(Dim::symbol(other))) << other;
  EXPECT_FALSE(as_linear(Dim(3)));
  EXPECT_FALSE(as_linear(Dim()));
}

}  // namespace
}  // namespace slipway
