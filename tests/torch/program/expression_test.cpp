// SymPy's texts as dimensions. The trees are what sympy.srepr prints of the formulas beside them.
#include "torch/program/expression.hpp"

#include <gtest/gtest.h>

namespace slipway::torch {
namespace {

const std::string kS0 = "Symbol('s0', positive=True, integer=True)";
const std::string kS1 = "Symbol('s1', positive=True, integer=True)";

std::string read(const std::string& text) {
  SympyExpressions expressions;
  return expressions.read(text).to_string();
}

TEST(SympyExpression, Trees) {
  EXPECT_EQ(read("Integer(7)"), "7");
  EXPECT_EQ(read(kS0), "s0");
  EXPECT_EQ(read("Symbol('u3', integer=True)"), "u3");
  EXPECT_EQ(read("Add(" + kS0 + ", Integer(-1))"), "s0 - 1");
  EXPECT_EQ(read("Mul(Integer(2), " + kS0 + ", " + kS1 + ")"), "2*s0*s1");
  EXPECT_EQ(read("Pow(" + kS0 + ", Integer(2))"), "s0*s0");
  EXPECT_EQ(read("FloorDiv(Add(" + kS0 + ", Integer(-1)), Integer(2))"), "floor((s0 + 1)/2) - 1");
  EXPECT_EQ(read("CleanDiv(Mul(Integer(6), " + kS0 + "), Integer(3))"), "2*s0");
  EXPECT_EQ(read("CeilToInt(IntTrueDiv(" + kS0 + ", Integer(2)))"), "floor((s0 + 1)/2)");
  EXPECT_EQ(read("floor(Mul(Rational(1, 2), " + kS0 + "))"), "floor(s0/2)");
  EXPECT_EQ(read("Identity(" + kS0 + ")"), "s0");
}

// a mod n is a - n·floor(a/n), in Python as in SymPy.
TEST(SympyExpression, Remainders) {
  SympyExpressions expressions;
  for (const char* name : {"Mod", "PythonMod"}) {
    const Dim& dim = expressions.read(std::string(name) + "(" + kS0 + ", Integer(3))");
    for (int64_t size = 1; size < 10; ++size) EXPECT_EQ(dim.substitute({{"s0", size}}).value(), size % 3);
  }
}

// How many windows of 7 a padded axis has, and what each of them has.
TEST(SympyExpression, WindowsOfAPaddedAxis) {
  const std::string rest = "Mod(Add(Integer(7), Mul(Integer(-1), Mod(" + kS0 + ", Integer(7)))), Integer(7))";
  const std::string padded = "Add(" + kS0 + ", " + rest + ")",
                    windows = "FloorDiv(" + padded + ", Integer(7))";
  SympyExpressions expressions;
  for (int64_t size = 1; size < 30; ++size)
    EXPECT_EQ(expressions.read(windows).substitute({{"s0", size}}), Dim((size + 6) / 7));
  EXPECT_EQ(read("FloorDiv(" + padded + ", " + windows + ")"), "7");
}

// What torch.arange's length is: with numbers that are exact in double precision, like a half.
TEST(SympyExpression, RealNumbers) {
  const auto number = [](const std::string& digits) { return "Float('" + digits + "', precision=53)"; };
  const std::string shifted = "Add(ToFloat(Mul(Integer(2), " + kS0 + ")), " + number("-0.5") + ")";
  EXPECT_EQ(read("CeilToInt(FloatTrueDiv(" + shifted + ", " + number("1.0") + "))"), "2*s0");
  EXPECT_EQ(read("TruncToInt(Mul(" + number("0.5") + ", ToFloat(" + kS0 + ")))"), "floor(s0/2)");
  EXPECT_EQ(read("FloorToInt(Mul(" + number("1.50") + ", ToFloat(" + kS0 + ")))"), "floor(s0/2) + s0");
  for (const char* digits : {"0.1", "1e10", "nan", "inf", "", "-"})
    EXPECT_EQ(read("CeilToInt(Mul(" + number(digits) + ", ToFloat(" + kS0 + ")))"), "?") << digits;
  EXPECT_EQ(read("TruncToInt(" + shifted + ")"), "?");  // of what may be negative
  EXPECT_EQ(read("CeilToInt(Float('0.5'"), "?");
}

// PyTorch 2.1 to 2.5.
TEST(SympyExpression, Formulas) {
  EXPECT_EQ(read("s0"), "s0");
  EXPECT_EQ(read("12"), "12");
  EXPECT_EQ(read("2*s0 + 1"), "2*s0 + 1");
  EXPECT_EQ(read("s0*(s1 - 1)"), "s0*s1 - s0");
  EXPECT_EQ(read("s0**2"), "s0*s0");
  EXPECT_EQ(read("((s0 - 1)//2) + 1"), "floor((s0 + 1)/2)");
  EXPECT_EQ(read("FloorDiv(s0, 4)"), "floor(s0/4)");
  EXPECT_EQ(read("floor(s0/2)"), "floor(s0/2)");
}

TEST(SympyExpression, WhatDimensionsAreNotIsUnknown) {
  for (const std::string& text : {std::string(),
                                  "Max(" + kS0 + ", Integer(1))",
                                  "FloorDiv(" + kS0 + ", " + kS1 + ")",
                                  "Pow(" + kS0 + ", Integer(-1))",
                                  std::string("Integer(-3)"),
                                  "FloatTrueDiv(" + kS0 + ", Integer(2))",
                                  "Mul(Rational(1, 2), " + kS0 + ")",
                                  std::string("oo"),
                                  std::string("Symbol('s0'"),
                                  std::string("Symbol('')"),
                                  std::string("Symbol('a b')"),
                                  std::string("Add()"),
                                  std::string("Add(,)"),
                                  std::string("s0 +"),
                                  std::string("(s0"),
                                  std::string("s0)"),
                                  std::string("Integer(99999999999999999999)"),
                                  std::string("__import__('os').system('true')"),
                                  std::string("Eq(s0, 3)"),
                                  std::string("True")})
    EXPECT_EQ(read(text), "?") << text;
}

TEST(SympyExpression, WorkIsBounded) {
  std::string nested = kS0, mods = kS0;
  for (int i = 0; i < 10'000; ++i) nested = "Add(" + nested + ", Integer(1))";
  for (int i = 0; i < 60; ++i) mods = "Mod(" + mods + ", Integer(7))";
  EXPECT_EQ(read(nested), "?");
  EXPECT_EQ(read(mods), "?");
  EXPECT_EQ(read(std::string(1'000'000, '(')), "?");
}

}  // namespace
}  // namespace slipway::torch
