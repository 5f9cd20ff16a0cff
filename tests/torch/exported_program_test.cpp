// An exported program that PyTorch wrote (tests/golden/torch/model.py), against what PyTorch prints of it.
#include "torch/exported_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/golden_file.hpp"
#include "torch/ir/print.hpp"

namespace slipway::torch {
namespace {

using ir::Program;
using ir::ProgramInput;
using ::testing::ElementsAre;

const Program& program() {
  static const Program read = read_exported_program(golden("program.pt2"));
  return read;
}

const ProgramInput& input(const std::string& name) {
  for (const ProgramInput& input : program().inputs)
    if (input.name == name) return input;
  ADD_FAILURE() << name << " is missing";
  return program().inputs.front();
}

TEST(ExportedProgram, IsToldByItsContent) {
  EXPECT_TRUE(is_exported_program(golden("program.pt2")));
  EXPECT_FALSE(is_exported_program(golden("zip.pth")));
  EXPECT_FALSE(is_exported_program(golden("whole.safetensors")));
  EXPECT_THROW(is_exported_program(golden("nothing")), Error);
}

TEST(ExportedProgram, StatesWhatWroteIt) {
  EXPECT_EQ(program().torch_version, "2.13.0+cpu");
  EXPECT_EQ(program().dialect, "TRAINING");
  EXPECT_EQ(program().ranges.at("s77").lowest, 2);
  EXPECT_EQ(program().ranges.at("s77").highest, 8);
  EXPECT_EQ(program().ranges.at("s0").lowest, 4);
  EXPECT_EQ(program().ranges.at("s0").highest, 64);
}

// print(torch.export.load("program.pt2")) says the same in Python's words.
TEST(ExportedProgram, CallsAreThoseOfPyTorch) {
  const std::string expected = R"(%sym_size_int_1: int(s77) = aten.sym_size.int(self=%x, dim=0)
%add_: i64[] = aten.add_.Tensor(self=%b_calls, other=1)
%conv2d: f32[s77,2,4,s0] = aten.conv2d.default(input=%x, weight=%p_blocks_0_weight, bias=None, stride=[1, 1], padding=[1, 1])
%conv2d_1: f32[s77,2,4,s0] = aten.conv2d.default(input=%conv2d, weight=%p_blocks_1_weight, bias=None, stride=[1, 1], padding=[1, 1])
%view: f32[2,1,1] = aten.view.default(self=%b_scale, size=[2, 1, 1])
%mul: f32[s77,2,4,s0] = aten.mul.Tensor(self=%conv2d_1, other=%view)
%add: f32[s77,2,4,s0] = aten.add.Tensor(self=%mul, other=%options_bias)
%sum_1: f32[] = aten.sum.default(self=%add)
%gt: bool[] = aten.gt.Scalar(self=%sum_1, other=0)
%getitem: f32[s77,2,4,s0] = higher_order.cond(%gt, {…}, {…}, [%add])
  inputs %add: f32[s77,2,4,s0]
  %add_1: f32[s77,2,4,s0] = aten.add.Tensor(self=%add, other=1)
  outputs %add_1
  inputs %add: f32[s77,2,4,s0]
  %mul: f32[s77,2,4,s0] = aten.mul.Tensor(self=%add, other=inf)
  outputs %mul
%mean: f32[s77,2] = aten.mean.dim(self=%getitem, dim=[2, 3])
%matmul: f32[s77,3] = aten.matmul.default(self=%mean, other=%p_tied)
%getitem_1: f32[s77,1], %getitem_2: f32[s77,2] = aten.split_with_sizes.default(self=%matmul, split_sizes=[1, 2], dim=1)
%lift_fresh_copy: f32[2] = aten.lift_fresh_copy.default(self=%c_lifted_tensor_0)
%detach_: f32[2] = aten.detach_.default(self=%lift_fresh_copy)
%matmul_1: f32[s77] = aten.matmul.default(self=%getitem_2, other=%detach_)
%pad: f32[s77,2,4,s0 + 1] = aten.pad.default(self=%x, pad=[1, 0], mode='constant', value=nan)
outputs %getitem_1 %matmul_1 %pad %sym_size_int_1 None 3
)";
  const std::string text = ir::to_text(program().block);
  EXPECT_EQ(text.substr(text.find('\n') + 1), expected);
}

TEST(ExportedProgram, InputsHaveTheUsersNames) {
  std::vector<std::string> users;
  for (const ProgramInput& input : program().inputs)
    if (input.kind == ProgramInput::Kind::kUser) users.push_back(input.name);
  EXPECT_THAT(users, ElementsAre("x", "options.bias", "options.factor", "flip"));
  EXPECT_FALSE(input("options.bias").specialised);
  EXPECT_EQ(ir::to_text(*input("options.factor").specialised), "3");
  EXPECT_EQ(ir::to_text(*input("flip").specialised), "true");
}

TEST(ExportedProgram, OutputsHaveTheUsersNames) {
  std::vector<std::string> names;
  for (const ir::ProgramOutput& output : program().outputs) names.push_back(output.name);
  EXPECT_THAT(names, ElementsAre("low", "rest.0", "rest.1", "size.0", "size.1", "size.2"));
}

TEST(ExportedProgram, TensorsAreViewsOfTheirStorages) {
  const Tensor& head = input("head").tensor;
  EXPECT_EQ(head.dims(), (Dims{2, 3}));
  EXPECT_EQ(head.strides(), (Dims{1, 2}));
  EXPECT_EQ(elements_text(head.clone(), 10), "[0,2,4,1,3,5]");
  EXPECT_EQ(input("tied").tensor.raw(), head.raw());
  EXPECT_EQ(input("calls").tensor.type(), DataType::kInt64);
  EXPECT_EQ(elements_text(input("scale").tensor, 10), "[2,4]");
  EXPECT_EQ(elements_text(input("lifted_tensor_0").tensor, 10), "[0.5,0.25]");
  EXPECT_TRUE(input("calls").persistent);
  EXPECT_FALSE(input("scale").persistent);
  EXPECT_EQ(input("head").kind, ProgramInput::Kind::kParameter);
  EXPECT_EQ(input("scale").kind, ProgramInput::Kind::kBuffer);
  EXPECT_EQ(input("lifted_tensor_0").kind, ProgramInput::Kind::kConstant);
}

TEST(ExportedProgram, CallsKnowWhereTheyComeFrom) {
  const auto convolution = std::ranges::find(program().block.calls, "aten.conv2d.default", &ir::Call::target);
  ASSERT_NE(convolution, program().block.calls.end());
  EXPECT_EQ(convolution->origin.module_path, "blocks.0");
  EXPECT_EQ(convolution->origin.module_type, "model.Block");
  EXPECT_EQ(convolution->origin.source, "model.py:13");
}

}  // namespace
}  // namespace slipway::torch
