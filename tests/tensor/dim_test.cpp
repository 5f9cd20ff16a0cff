#include "tensor/dim.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/error.hpp"

namespace slipway {
namespace {

Dim sym(const std::string& text) {
  return Dim::symbol(text);
}

TEST(Dim, ThreeKinds) {
  EXPECT_TRUE(Dim().is_unknown());
  EXPECT_TRUE(Dim::symbol("").is_unknown());
  EXPECT_TRUE(Dim(-7).is_unknown());
  EXPECT_TRUE(Dim(0).is_known());
  EXPECT_TRUE(sym("h").is_symbolic());
  EXPECT_FALSE(sym("h").is_known());
  EXPECT_EQ(Dim().to_string(), "?");
  EXPECT_EQ(Dim(3).to_string(), "3");
  EXPECT_EQ(sym(" h+1 ").text(), " h+1 ");
}

TEST(Dim, ArithmeticIsSpelledInOneWay) {
  const Dim h = sym("h"), w = sym("w");
  EXPECT_EQ((h * 3).to_string(), "3*h");
  EXPECT_EQ((1 + h).to_string(), "h + 1");
  EXPECT_EQ((h - 1).to_string(), "h - 1");
  EXPECT_EQ((Dim(5) - h).to_string(), "-h + 5");
  EXPECT_EQ((w * h - h).to_string(), "h*w - h");
  EXPECT_EQ((w + h + 2 + h).to_string(), "2*h + w + 2");
  EXPECT_EQ(((h + 1) * (h - 1)).to_string(), "h*h - 1");
  EXPECT_EQ(floor_div(h, 2).to_string(), "floor(h/2)");
  EXPECT_EQ(floor_div(h + 1, 2).to_string(), "floor((h + 1)/2)");
  EXPECT_EQ((floor_div(h * w, 4) * 2).to_string(), "2*floor(h*w/4)");
}

TEST(Dim, NumbersAreCalculated) {
  EXPECT_EQ(Dim(3) + 4, Dim(7));
  EXPECT_EQ(Dim(3) * 4, Dim(12));
  EXPECT_EQ(floor_div(Dim(7), 2), Dim(3));
  EXPECT_EQ(sym("h") - sym("h"), Dim(0));
  EXPECT_TRUE((sym("h") - sym("h")).is_known());
  EXPECT_EQ((sym("h") + 3) - sym("h"), Dim(3));
}

TEST(Dim, FloorsOfMultiplesAreExact) {
  const Dim h = sym("h");
  EXPECT_EQ(floor_div(h * 6 + 4, 2).to_string(), "3*h + 2");
  EXPECT_EQ(floor_div(h * 6 + 5, 2).to_string(), "3*h + 2");
  EXPECT_EQ(floor_div(h * 3 + 1, 2), h + floor_div(h + 1, 2));
  EXPECT_EQ(floor_div(h * 2 + 1, 4), floor_div(h, 2));
  EXPECT_EQ(floor_div(h, 1), h);
  // The multiple of 3 below the coefficient is none of 64 bits.
  EXPECT_FALSE(floor_div(Dim::symbol("0 - 9223372036854775807*w"), 3).is_known());
}

TEST(Dim, FloorsOfFloorsAreOneFloor) {
  Dim h = sym("h");
  for (int i = 0; i < 3; ++i) h = floor_div(h - 1, 2) + 1;  // convolutions of stride 2
  EXPECT_EQ(h, floor_div(sym("h") + 7, 8));
  EXPECT_EQ(h.to_string(), "floor((h + 7)/8)");
}

TEST(Dim, UnknownSpreadsWhereItMatters) {
  EXPECT_TRUE((Dim() + 1).is_unknown());
  EXPECT_TRUE((sym("h") - Dim()).is_unknown());
  EXPECT_TRUE(floor_div(Dim(), 2).is_unknown());
  EXPECT_EQ(Dim() * 0, Dim(0));
  EXPECT_FALSE(Dim() == Dim());
  EXPECT_FALSE(Dim() == Dim(1));
  EXPECT_FALSE(sym("h") == Dim());
}

TEST(Dim, NegativeNumbersAreUnknown) {
  EXPECT_TRUE((Dim(3) - 4).is_unknown());
  EXPECT_TRUE((sym("h") - sym("h") - 1).is_unknown());
}

TEST(Dim, OverflowIsUnknown) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_TRUE((Dim(most) + 1).is_unknown());
  EXPECT_TRUE((Dim(most) * 2).is_unknown());
  EXPECT_TRUE((sym("h") * most * 2).is_unknown());
  EXPECT_TRUE((sym("h") * most + sym("h")).is_unknown());
  EXPECT_TRUE(sym("99999999999999999999*h").is_symbolic());
  EXPECT_FALSE(sym("99999999999999999999*h") == sym("h"));
}

TEST(Dim, DivisorsArePositive) {
  EXPECT_THROW(floor_div(sym("h"), 0), Error);
  EXPECT_THROW(floor_div(Dim(4), -2), Error);
}

TEST(Dim, TextsAreEqualAsExpressions) {
  EXPECT_EQ(sym("h+1"), sym("1 + h"));
  EXPECT_EQ(sym("3*h"), sym("h + h*2"));
  EXPECT_EQ(sym("3*h"), sym("h") * 3);
  EXPECT_EQ(sym("floor(h/2 + 1/2)"), floor_div(sym("h") + 1, 2));
  EXPECT_EQ(sym("(h + 1)//2"), sym("floor((h + 1)/2)"));
  EXPECT_EQ(sym("ceil(h/2)"), sym("(h+1)//2"));
  EXPECT_EQ(sym("ceiling(h/3)"), floor_div(sym("h") + 2, 3));
  EXPECT_EQ(sym("s0**2"), sym("s0*s0"));
  EXPECT_EQ(sym("s0^2"), sym("s0") * sym("s0"));
  EXPECT_EQ(sym("(2*h)/2"), sym("h"));
  EXPECT_EQ(sym("--h"), sym("h"));
  EXPECT_EQ(sym("12"), Dim(12));
  EXPECT_FALSE(sym("h") == sym("w"));
  EXPECT_FALSE(sym("h") == Dim(1));
  EXPECT_FALSE(sym("h + 1") == sym("h"));
}

TEST(Dim, TextsAreDividedByWhatDividesThem) {
  EXPECT_EQ(sym("(7*h)//h"), Dim(7));
  EXPECT_EQ(sym("(h*w + 2*w)//w"), sym("h + 2"));
  EXPECT_EQ(sym("(h*h - w*w)//(h + w)"), sym("h - w"));
  EXPECT_EQ(sym("(14*(h - h//7))//(2*h - 2*(h//7))"), Dim(7));
  EXPECT_EQ(sym("(h*w/2)//w"), sym("floor(h/2)"));
  EXPECT_EQ(sym("trunc(h/2)"), sym("floor(h/2)"));
  for (const char* text : {"(h*w + 1)//w", "(3*h)//(2*h)", "h//(h*h)", "h//(h - h)", "trunc((h - 4)/2)"})
    EXPECT_EQ(sym(text).to_string(), text);  // no expression, but a name
}

TEST(Dim, WhatIsNoExpressionIsASymbol) {
  for (const char* text : {"batch size?", "Max(1, s0)", "h/2", "3h", "(h", "h)", "h +", "*", "1/0", "h//w",
                           "h**w", "h**99", "\xFF\x00", "h//0", "1e5", "a b"}) {
    EXPECT_TRUE(sym(text).is_symbolic());
    EXPECT_EQ(sym(text), sym(text)) << text;
    EXPECT_FALSE(sym(text) == sym("other")) << text;
    EXPECT_EQ((sym(text) + 1) - 1, sym(text)) << text;
    EXPECT_EQ((sym(text) * 2).substitute({{text, 5}}), Dim(10)) << text;
  }
}

TEST(Dim, NamesThatExportersMake) {
  for (const char* name : {"batch", "_x1", "onnx::Conv_12", "input.1_dim_0", "unk__3", "floor", "s77"})
    EXPECT_EQ((sym(name) * 2 + 1).to_string(), "2*" + std::string(name) + " + 1");
}

TEST(Dim, HostileTextsCostLittle) {
  const std::string huge(1 << 20, 'x');
  EXPECT_EQ(sym(huge), sym(huge));
  EXPECT_FALSE(sym(huge) == sym(huge + "x"));
  EXPECT_TRUE((sym(huge) + 1).is_unknown());
  const std::string deep = std::string(100000, '(') + "h" + std::string(100000, ')');
  EXPECT_FALSE(sym(deep) == sym("h"));
  EXPECT_FALSE(sym(std::string(2000, '(') + "h" + std::string(2000, ')')) == sym("h"));
  EXPECT_EQ(sym(std::string(20, '(') + "h" + std::string(20, ')')), sym("h"));
  EXPECT_EQ(sym(std::string(2000, '-') + "h"), sym("h"));

  std::string product = "(a0+b0)";
  for (int i = 1; i < 30; ++i) product += "*(a" + std::to_string(i) + "+b" + std::to_string(i) + ")";
  EXPECT_FALSE(sym(product) == sym("h"));  // 2^30 terms when multiplied out
  std::string sum = "a0";
  for (int i = 1; i < 500; ++i) sum += "+a" + std::to_string(i);
  EXPECT_FALSE(sym(sum) == sym("h"));
}

TEST(Dim, LongCalculationsEndAsUnknown) {
  Dim sum = sym("h");
  for (int i = 0; i < 1000; ++i) sum = floor_div(sum * sym("s" + std::to_string(i)) + 1, 3);
  EXPECT_TRUE(sum.is_unknown());
}

TEST(Dim, SubstitutesNumbers) {
  const std::map<std::string, int64_t, std::less<>> symbols = {{"h", 7}, {"w", 2}};
  EXPECT_EQ(sym("3*h").substitute(symbols), Dim(21));
  EXPECT_EQ((floor_div(sym("h") + 1, 3) * sym("w")).substitute(symbols), Dim(4));
  EXPECT_EQ((sym("h") * sym("c")).substitute(symbols).to_string(), "7*c");
  EXPECT_EQ(floor_div(sym("h") + sym("c"), 7).substitute(symbols), floor_div(sym("c"), 7) + 1);
  EXPECT_EQ(sym("c+0").substitute(symbols).text(), "c+0");
  EXPECT_TRUE(sym("h - 8").substitute(symbols).is_unknown());
  EXPECT_TRUE(Dim().substitute(symbols).is_unknown());
  EXPECT_EQ(Dim(5).substitute(symbols), Dim(5));
}

// A random expression beside its value: for every step, substitution must give what plain integers give.
TEST(Dim, AgreesWithIntegersOnRandomExpressions) {
  std::mt19937 random(1);
  const auto below = [&](int limit) { return static_cast<int64_t>(random() % static_cast<unsigned>(limit)); };
  for (int round = 0; round < 2000; ++round) {
    const std::map<std::string, int64_t, std::less<>> symbols = {
        {"a", below(50)}, {"b", below(50)}, {"c", below(50)}};
    Dim dim = sym("a");
    int64_t value = symbols.at("a");
    for (int step = 0; step < 6; ++step) {
      const std::string name(1, static_cast<char>('a' + below(3)));
      const int64_t number = below(5) + 1;
      switch (below(5)) {
        case 0:
          dim = dim + sym(name) * number;
          value += symbols.at(name) * number;
          break;
        case 1:
          dim = dim - sym(name);
          value -= symbols.at(name);
          break;
        case 2:
          dim = dim * number;
          value *= number;
          break;
        case 3:
          dim = dim + number;
          value += number;
          break;
        default:
          dim = floor_div(dim, number);
          value = value / number - (value % number < 0 ? 1 : 0);
      }
    }
    if (dim.is_unknown()) continue;  // a negative constant on the way
    const Dim result = dim.substitute(symbols);
    if (value < 0)
      EXPECT_TRUE(result.is_unknown()) << dim.to_string();
    else
      EXPECT_EQ(result, Dim(value)) << dim.to_string();
    if (!dim.is_symbolic()) continue;
    // The spelling says the same when it is read back.
    EXPECT_EQ(sym(dim.to_string()), dim);
  }
}

TEST(Shape, TextAndNumbers) {
  EXPECT_EQ(to_string(Shape{sym("batch"), 3, Dim()}), "[batch,3,?]");
  EXPECT_EQ(to_string(Dims{1, 2}), "[1,2]");
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_TRUE(all_known({1, 2}));
  EXPECT_FALSE(all_known({1, sym("h")}));
  EXPECT_EQ(known_dims({1, 2}), (Dims{1, 2}));
}

TEST(Shape, ElementsAreCountedWithoutOverflow) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 3}), 6);
  const int64_t large = int64_t{1} << 40;
  EXPECT_EQ(element_count({int64_t{1} << 31, 0}), 0);
  EXPECT_THROW(element_count({large, 0}), Error);  // walks along the other axis would not end
  EXPECT_THROW(element_count({large, large, 0}), Error);
  EXPECT_THROW(element_count({large, large}), Error);
  EXPECT_THROW(element_count({2, -1}), Error);
  EXPECT_EQ(element_count(Dims(kMaxTensorRank, 1)), 1);
  EXPECT_THROW(element_count(Dims(kMaxTensorRank + 1, 1)), Error);
}

}  // namespace
}  // namespace slipway
