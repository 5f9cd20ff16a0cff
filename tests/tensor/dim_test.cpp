#include "tensor/dim.hpp"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Dim sym(const char* text) {
  return Dim::symbol(text);
}

TEST(Dim, ArithmeticIsSpelledInOneWay) {
  EXPECT_EQ((sym("h") * 3).to_string(), "3*h");
  EXPECT_EQ((1 + sym("h")).to_string(), "h + 1");
  EXPECT_EQ(floor_div(sym("h") + 1, 2).to_string(), "floor((h + 1)/2)");
  EXPECT_EQ((sym("w") * sym("h") - sym("h")).to_string(), "h*w - h");
}

}  // namespace
}  // namespace slipway
