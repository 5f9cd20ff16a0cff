// Names and numbers in place of a program's symbols, and what it says of the sizes that stay open.
#include "torch/ir/input_sizes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "torch/ir/program_sizes.hpp"

namespace slipway::torch::ir {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class InputSizes : public ::testing::Test {
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

TEST_F(InputSizes, SizesOfAFormAreNamedByIt) {
  x_->meta.sizes[2] = Dim::symbol("8*s1");
  program_.ranges["8*s1"] = {32, 64};
  const auto refuses = [&](const Shape& sizes, const char* what) {
    EXPECT_THAT([&] { set(sizes); }, ThrowsMessage<Error>(HasSubstr(what)));
  };
  refuses({1, 3, named("h"), named("w")}, "a multiple of 8 here; call it '8*NAME', not 'h'");
  refuses({1, 3, 12, named("w")}, "a multiple of 8 here, not 12");
  refuses({1, 3, 72, named("w")}, "sizes from 32 to 64");
  refuses({1, 3, 32, 5}, "it cannot be both '4' and '5'");
  set({named("batch"), 3, named("8*h"), named("h")});
  EXPECT_EQ(x_->meta.sizes[2], named("8*h"));
  EXPECT_EQ(made_->meta.sizes[1], named("2*h"));
  EXPECT_EQ(program_.ranges.at("8*h").highest, 64);
  set({2, 3, 40, 5});
  EXPECT_EQ(made_->meta.sizes[1].value(), 10);
  EXPECT_TRUE(program_.ranges.empty());
}

TEST_F(InputSizes, ANameIsOneWord) {
  EXPECT_THAT([&] { set({named("batch size?"), 3, named("h"), named("h")}); },
              ThrowsMessage<Error>(HasSubstr("not 'batch size?'")));
}

class ConditionsOnSizes : public InputSizes {
 protected:
  std::vector<std::string> conditions() {
    std::vector<std::string> texts;
    for (const SizeCondition& condition : conditions_on_sizes(program_)) texts.push_back(condition.text());
    return texts;
  }
};

TEST_F(ConditionsOnSizes, AreRangesAndGuards) {
  program_.ranges["s0"] = {2, std::nullopt};
  program_.ranges["s2"] = {0, std::nullopt};
  program_.ranges["u0"] = {3, 9};  // of no input
  program_.guards = {"(L['x'].size()[2] // 2) != 1", "L['x'].size()[0] == L['y'].size()[0]",
                     "L['x'].stride()[0] == 5",      "L['x'].size()[0] / 2 < 3.5",
                     "L['z'].size()[0] > 5",         "max(1, L['y'].size()[1]) > L['x'].size()[0]"};
  EXPECT_THAT(conditions(),
              ::testing::ElementsAre("s0 >= 2", "4 <= s1 <= 64", "(s1 // 2) != 1", "max(1, s2) > s0"));
  EXPECT_THAT(unchecked_guards(program_), ::testing::ElementsAre("s0 / 2 < 3.5"));
}

TEST_F(ConditionsOnSizes, HaveTheNamesThatSizesAreGiven) {
  program_.guards = {"(L['x'].size()[2] // 2) != 1", "L['y'].size()[1] > L['x'].size()[0]"};
  set({1, 3, named("side"), named("side")});
  EXPECT_THAT(conditions(), ::testing::ElementsAre("4 <= side <= 64", "(side // 2) != 1", "s2 > 1"));
  set({1, 3, 4, 4});
  EXPECT_THAT(conditions(), ::testing::ElementsAre("s2 > 1"));
  set({1, 1}, "y");
  EXPECT_THAT([&] { conditions(); }, ThrowsMessage<Error>(HasSubstr("'1 > 1'")));
}

TEST_F(ConditionsOnSizes, AnAxisGoesBeforeTheSymbolInIt) {
  x_->meta.sizes[2] = x_->meta.sizes[3] = Dim::symbol("8*s1");
  EXPECT_THAT(conditions(), ::testing::ElementsAre("4 <= s1 <= 64"));
  program_.ranges["8*s1"] = {8, std::nullopt};
  program_.guards = {"(L['x'].size()[2] % 16) == 0"};
  EXPECT_THAT(conditions(), ::testing::ElementsAre("8*s1 >= 8", "((8*s1) % 16) == 0"));
}

TEST_F(ConditionsOnSizes, ASqueezeKeepsWhatIsNotOne) {
  const auto squeeze = [&](std::optional<int64_t> dim) {
    Call call;
    call.target = dim ? "aten.squeeze.dim" : "aten.squeeze.default";
    call.set("self", {x_});
    if (dim) call.set("dim", {Int{*dim}});
    program_.block.calls.assign(1, std::move(call));
  };
  squeeze(1);
  EXPECT_THAT(conditions(), ::testing::ElementsAre("4 <= s1 <= 64"));
  squeeze(-4);
  EXPECT_THAT(conditions(), ::testing::ElementsAre("4 <= s1 <= 64", "s0 != 1"));
  program_.ranges["s1"] = {1, 64};
  squeeze(std::nullopt);
  EXPECT_THAT(conditions(), ::testing::ElementsAre("1 <= s1 <= 64", "s0 != 1", "s1 != 1"));
}

TEST_F(ConditionsOnSizes, InputsAreFoundByTheirPlaceInNests) {
  input("d.0.field", {Dim::symbol("s5")});
  program_.guards = {"L['d'][0].field.size()[0] <= 7", "L['d'][0].field.size()[1] <= 7", "L['d",
                     "L['d'].size()["};
  EXPECT_THAT(conditions(), ::testing::ElementsAre("4 <= s1 <= 64", "s5 <= 7"));
}

}  // namespace
}  // namespace slipway::torch::ir
