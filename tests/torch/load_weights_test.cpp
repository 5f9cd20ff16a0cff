// Which of a checkpoint's tensors becomes which of a program's, and what is said when they do not fit.
#include "torch/load_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

Tensor filled(Dims dims, float value) {
  const std::vector<float> values(static_cast<size_t>(element_count(dims)), value);
  return Tensor::from<float>(std::move(dims), values);
}

class LoadWeights : public ::testing::Test {
 protected:
  LoadWeights() {
    add("conv.weight", ir::ProgramInput::Kind::kParameter, {2, 3});
    add("bn.mean", ir::ProgramInput::Kind::kBuffer, {2});
  }
  ir::ProgramInput& add(const std::string& name, ir::ProgramInput::Kind kind, Dims dims) {
    ir::ProgramInput input;
    input.kind = kind;
    input.name = name;
    input.tensor = filled(std::move(dims), 0);
    return program_.inputs.emplace_back(std::move(input));
  }
  void give(const std::string& name, Dims dims, float value) {
    checkpoint_.tensors.push_back({name, filled(std::move(dims), value)});
  }
  void load(const WeightNames& names = {}) { load_weights(program_, checkpoint_, names); }
  float first(size_t input) { return program_.inputs[input].tensor.data<float>()[0]; }

  ir::Program program_;
  Checkpoint checkpoint_;
};

TEST_F(LoadWeights, FindsTheContainer) {
  give("state_dict.module.conv.weight", {2, 3}, 1);
  give("state_dict.module.bn.mean", {2}, 2);
  give("optimizer.lr", {}, 9);
  load();
  EXPECT_EQ(first(0), 1);
  EXPECT_EQ(first(1), 2);
}

TEST_F(LoadWeights, PrefersAveragedWeights) {
  for (const char* container : {"params.", "params_ema.", "z."})
    for (const auto& [name, dims] : {std::pair{"conv.weight", Dims{2, 3}}, {"bn.mean", Dims{2}}})
      give(std::string(container) + name, dims, container == std::string("params_ema.") ? 5 : 1);
  load();
  EXPECT_EQ(first(0), 5);
}

TEST_F(LoadWeights, StripsAndRenamesAsAsked) {
  give("discriminator.conv.weight", {2, 3}, 1);
  give("discriminator.bn.mean", {2}, 1);
  give("generator.layer.weight", {2, 3}, 7);
  give("generator.bn.mean", {2}, 8);
  load({.strip_prefix = "generator.", .renames = {{"layer.", "conv."}}});
  EXPECT_EQ(first(0), 7);
  EXPECT_EQ(first(1), 8);
}

TEST_F(LoadWeights, ListsEveryDifferenceAndLoadsNothing) {
  add("fc.bias", ir::ProgramInput::Kind::kParameter, {4});
  give("conv.weight", {3, 2}, 1);
  give("bn.mean", {2}, 1);
  give("other", {1}, 1);
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("missing in the checkpoint (1): fc.bias"),
                                         HasSubstr("not in the program (1): other"),
                                         HasSubstr("conv.weight is [3,2], the program has [2,3]"))));
  EXPECT_EQ(first(1), 0);
}

TEST_F(LoadWeights, SaysWhenNoNameFits) {
  give("a", {1}, 1);
  EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr("none of the checkpoint's 1 tensors")));
  EXPECT_THAT([&] { load({.strip_prefix = "generator.", .renames = {}}); },
              ThrowsMessage<Error>(HasSubstr("'generator.'")));
}

TEST_F(LoadWeights, OldFilesCountNoBatches) {
  add("bn.num_batches_tracked", ir::ProgramInput::Kind::kBuffer, {});
  add("cache", ir::ProgramInput::Kind::kBuffer, {5}).persistent = false;
  give("conv.weight", {2, 3}, 1);
  give("bn.mean", {2}, 1);
  load();
  EXPECT_EQ(first(0), 1);
}

TEST_F(LoadWeights, TiedParametersNeedOneTensor) {
  const Tensor tied = program_.inputs[0].tensor;
  add("head.weight", ir::ProgramInput::Kind::kParameter, {2, 3}).tensor = tied;
  give("conv.weight", {2, 3}, 3);
  give("bn.mean", {2}, 1);
  load();
  EXPECT_EQ(first(2), 3);
}

TEST_F(LoadWeights, KeepsTheProgramsTypes) {
  checkpoint_.tensors.push_back({"conv.weight", Tensor::from<double>({2, 3}, std::vector<double>(6, 0.5))});
  give("bn.mean", {2}, 1);
  load();
  EXPECT_EQ(first(0), 0.5F);
}

}  // namespace
}  // namespace slipway::torch
