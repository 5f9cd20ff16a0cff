// The same programs as five versions of PyTorch wrote them (tests/torch/fixtures), against what went into
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "torch/exported_program.hpp"
#include "torch/ir/print.hpp"
#include "workbench/npz.hpp"

namespace slipway::torch {
namespace {

using ir::Program;
using ir::ProgramInput;
using ir::ProgramOutput;
using ::testing::ElementsAre;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/torch/fixtures" / name;
}

class ProgramVersions : public ::testing::TestWithParam<std::string> {
 protected:
  static Program read(const std::string& name) {
    return read_exported_program(fixture(GetParam() + "/" + name + ".pt2"));
  }
  // Before 2.6 programs were functional.
  static bool is_functional() { return GetParam() == "2.1" || GetParam() == "2.4"; }
  // 2.1 states no names of arguments.
  static bool has_names() { return GetParam() != "2.1"; }

  static std::vector<std::string> names(const Program& program, ProgramInput::Kind kind) {
    std::vector<std::string> names;
    for (const ProgramInput& input : program.inputs)
      if (input.kind == kind) names.push_back(input.name);
    return names;
  }
  static std::vector<std::string> names(const Program& program, ProgramOutput::Kind kind) {
    std::vector<std::string> names;
    for (const ProgramOutput& output : program.outputs)
      if (output.kind == kind) names.push_back(output.name);
    return names;
  }
};

TEST_P(ProgramVersions, StateTheirVersionAndDialect) {
  const Program program = read("counter");
  EXPECT_TRUE(is_exported_program(fixture(GetParam() + "/counter.pt2")));
  EXPECT_EQ(program.dialect, GetParam() == "2.1" ? "" : GetParam() == "2.4" ? "ATEN" : "TRAINING");
  const bool states_version = GetParam() != "2.1" && GetParam() != "2.4";
  EXPECT_EQ(program.torch_version.substr(0, GetParam().size()), states_version ? GetParam() : "");
}

TEST_P(ProgramVersions, Perceptron) {
  const Program program = read("perceptron");
  EXPECT_THAT(names(program, ProgramInput::Kind::kParameter),
              ElementsAre("features.0.weight", "features.0.bias", "features.1.weight", "features.1.bias",
                          "head.0.weight", "head.0.bias", "head.2.weight", "head.2.bias"));
  EXPECT_THAT(
      names(program, ProgramInput::Kind::kBuffer),
      ElementsAre("features.1.running_mean", "features.1.running_var", "features.1.num_batches_tracked"));
  EXPECT_THAT(names(program, ProgramInput::Kind::kUser), ElementsAre(has_names() ? "x" : "arg11_1"));
  EXPECT_THAT(names(program, ProgramOutput::Kind::kUser), ElementsAre(""));
  const auto& first = program.block.calls.front();
  EXPECT_EQ(first.origin.module_path, "features.0");
  EXPECT_EQ(first.origin.module_type, "torch.nn.modules.conv.Conv2d");
  EXPECT_EQ(first.origin.source, has_names() ? "make.py:45" : "");
}

// Every version stores the same bytes.
TEST_P(ProgramVersions, WeightsAreTheSame) {
  const Program newest = read_exported_program(fixture("2.13/perceptron.pt2"));
  std::map<std::string, Tensor> expected;
  for (const ProgramInput& input : newest.inputs) expected[input.name] = input.tensor;
  size_t count = 0;
  for (const ProgramInput& input : read("perceptron").inputs) {
    if (input.kind == ProgramInput::Kind::kUser) continue;
    EXPECT_TRUE(identical(input.tensor, expected.at(input.name))) << input.name;
    ++count;
  }
  EXPECT_EQ(count, 11U);
}

TEST_P(ProgramVersions, Counter) {
  const Program program = read("counter");
  EXPECT_THAT(names(program, ProgramInput::Kind::kBuffer), ElementsAre("total", "calls"));
  const auto mutated = names(program, ProgramOutput::Kind::kBufferMutation);
  if (is_functional())
    EXPECT_THAT(mutated, ElementsAre("total", "calls"));
  else
    EXPECT_THAT(mutated, ElementsAre());
  EXPECT_EQ(program.block.calls.front().target, is_functional() ? "aten.add.Tensor" : "aten.add_.Tensor");
}

TEST_P(ProgramVersions, Rows) {
  const Program program = read("rows");
  ASSERT_EQ(program.ranges.size(), 1U);
  const auto& [symbol, range] = *program.ranges.begin();
  EXPECT_EQ(range.lowest, 2);
  EXPECT_EQ(range.highest, 64);
  EXPECT_EQ(to_string(program.inputs.back().value->meta.sizes), "[" + symbol + ",4]");
  EXPECT_EQ(to_string((*program.block.outputs[0].as<ir::Value*>())->meta.sizes), "[" + symbol + ",2,3]");
}

TEST_P(ProgramVersions, Nested) {
  const Program program = read("nested");
  const auto users = names(program, ProgramInput::Kind::kUser);
  if (has_names())
    EXPECT_THAT(users, ElementsAre("sample.left", "sample.right", "scales.0", "scales.1"));
  else
    EXPECT_THAT(users, ElementsAre("arg2_1", "arg3_1", "arg4_1", "arg5_1"));
  EXPECT_THAT(names(program, ProgramOutput::Kind::kUser), ElementsAre("sum", "scaled.0", "scaled.1"));
}

// 2.1 keeps none.
TEST_P(ProgramVersions, ExampleInputs) {
  const auto arrays = workbench::read_npz(fixture("nested.npz"));
  const Program program = read("nested");
  ASSERT_EQ(program.example_inputs.size(), has_names() ? 4U : 0U);
  for (size_t i = 0; i < program.example_inputs.size(); ++i)
    EXPECT_TRUE(identical(program.example_inputs[i].clone(), arrays[i].second)) << arrays[i].first;
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ProgramVersions, ::testing::Values("2.1", "2.4", "2.6", "2.9", "2.13"),
                         [](const auto& version) {
                           std::string name = "PyTorch" + version.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace slipway::torch
