// Names and numbers in place of a program's symbols.
#include "torch/ir/input_sizes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::torch::ir {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class InputSizes : public testing::Test {
 protected:
  InputSizes() {
    x_ = input("x", {Dim::symbol("s0"), 3, Dim::symbol("s1"), Dim::symbol("s1")});
    y_ = input("y", {Dim::symbol("s0"), Dim::symbol("s2")});
    made_ = program_.block.add_value("made");
    made_->meta.sizes = {Dim::symbol("s0*s1 + s10"), Dim::symbol("2*s1"), 5};
    program_.ranges["s1"] = {4, 64};
  }
  Value* input(const std::string& name, Shape sizes) {
    Value* value = program_.block.add_value(name);
    value->meta.sizes = std::move(sizes);
    ProgramInput input;
    input.value = value;
    input.name = name;
    program_.inputs.push_back(std::move(input));
    return value;
  }
  static Dim named(const char* name) { return Dim::symbol(name); }
  void set(const Shape& sizes, const char* name = "x") { set_input_sizes(program_, name, sizes); }

  Program program_;
  Value *x_, *y_, *made_;
};

TEST_F(InputSizes, NamesHoldEverywhere) {
  set({named("batch"), 3, named("side"), named("side")});
  EXPECT_EQ(to_string(x_->meta.sizes), "[batch,3,side,side]");
  EXPECT_EQ(to_string(y_->meta.sizes), "[batch,s2]");
  EXPECT_EQ(made_->meta.sizes[0], Dim::symbol("batch*side + s10"));
  EXPECT_EQ(made_->meta.sizes[1], Dim::symbol("2*side"));
  EXPECT_EQ(program_.ranges.at("side").highest, 64);
}

TEST_F(InputSizes, NumbersHoldEverywhere) {
  set({2, 3, 8, 8});
  EXPECT_EQ(to_string(y_->meta.sizes), "[2,s2]");
  ASSERT_TRUE(made_->meta.sizes[1].is_known());
  EXPECT_EQ(made_->meta.sizes[1].value(), 16);
  EXPECT_EQ(made_->meta.sizes[0], Dim::symbol("s10 + 16"));
}

TEST_F(InputSizes, RefusesWhatTheProgramDoesNotLeaveOpen) {
  const auto refuses = [&](const Shape& sizes, const char* what) {
    EXPECT_THAT([&] { set(sizes); }, ThrowsMessage<Error>(HasSubstr(what)));
  };
  refuses({1, 3, 8}, "4 axes [s0,3,s1,s1], not 3 [1,3,8]");
  refuses({1, 4, 8, 8}, "axis 1: the program was exported with the size 3, not '4'");
  refuses({1, 3, 8, 9}, "it cannot be both '8' and '9'");
  refuses({1, 3, 65, 65}, "sizes from 4 to 64");
  refuses({named("s2"), 3, 8, 8}, "'s2' is the name of another size");
  EXPECT_THAT([&] { set({1}, "z"); }, ThrowsMessage<Error>(HasSubstr("no input 'z'; it has x, y")));
}

}  // namespace
}  // namespace slipway::torch::ir
