// What layers become: how many nodes, which, and with which attributes. That their numbers are PyTorch's is
// tested in tests/oracles/test_aten_nn.py.
#include <gtest/gtest.h>

#include "torch/one_call.hpp"

namespace slipway::torch {
namespace {

using ir::arg;
using ir::ints;
using ir::meta;
using ir::ProgramBuilder;

const Shape kImage = {2, 4, 12, 10};

// A call on an image "x" of these sizes.
Model convert(const std::string& target, std::vector<ir::NamedArgument> arguments, const Shape& in,
              const Shape& out, const std::string& input_name = "self") {
  return convert_call(target, std::move(arguments), meta(DataType::kFloat, in), meta(DataType::kFloat, out),
                      input_name);
}

std::vector<int64_t> attribute(const Node& node, const char* name) {
  return node.ints_attribute(name, {});
}

TEST(AtenLayers, GiveAConvolutionTheLongerPaddingAtTheEndForSame) {
  ProgramBuilder program;
  ir::Value* x = program.input("x", meta(DataType::kFloat, kImage));
  ir::Value* w = program.input("w", meta(DataType::kFloat, {8, 4, 4, 3}));
  program.output(program.call(
      "aten.conv2d.padding",
      {{"input", arg(x)}, {"weight", arg(w)}, {"padding", {std::string("same")}}, {"dilation", ints({1, 2})}},
      meta(DataType::kFloat, {2, 8, 12, 10})));
  const Model model = convert_program(program.program);
  const Node& conv = only_node(model);
  EXPECT_EQ(conv.op_type(), "Conv");
  EXPECT_EQ(attribute(conv, "pads"), (Ints{1, 2, 2, 2}));
  EXPECT_EQ(attribute(conv, "dilations"), (Ints{1, 2}));
  EXPECT_FALSE(conv.find_attribute("strides")) << "1 everywhere is ONNX's default";
}

TEST(AtenLayers, SayCeilModeOnlyWhereItAddsAWindow) {
  const auto pool = [](int64_t stride, const Shape& out) {
    return convert(
        "aten.max_pool2d.default",
        {{"kernel_size", ints({stride + 1})}, {"stride", ints({stride})}, {"ceil_mode", arg(true)}}, kImage,
        out);
  };
  const Model even = pool(1, {2, 4, 11, 9}), odd = pool(2, {2, 4, 6, 5});
  EXPECT_FALSE(only_node(even).find_attribute("ceil_mode"));
  EXPECT_EQ(only_node(odd).int_attribute("ceil_mode", 0), 1);
}

TEST(AtenLayers, MakeAdaptivePoolsPlainOnesWhereTheirWindowsAreAllAlike) {
  const auto pool = [](Ints size) {
    const Shape out = {2, 4, size[0], size[1]};
    return convert("aten.adaptive_avg_pool2d.default", {{"output_size", ints(size)}}, kImage, out);
  };
  EXPECT_EQ(operators(pool({1, 1})), "GlobalAveragePool");
  EXPECT_EQ(operators(pool({12, 10})), "Identity") << "of the output, which the input becomes";
  const Model model = pool({4, 5});
  EXPECT_EQ(only_node(model).op_type(), "AveragePool");
  EXPECT_EQ(attribute(only_node(model), "kernel_shape"), (Ints{3, 2}));
  EXPECT_EQ(attribute(only_node(model), "strides"), (Ints{3, 2}));
  EXPECT_EQ(operators(pool({5, 7})), "MatMul MatMul");
  EXPECT_EQ(operators(pool({12, 7})), "MatMul") << "one axis stays as it is";
}

TEST(AtenLayers, ResizeByWhatTheUserSaid) {
  const auto resized = [](std::vector<ir::NamedArgument> arguments, const Shape& out) {
    return convert("aten.upsample_bilinear2d.vec", std::move(arguments), kImage, out, "input");
  };
  const ir::Argument factors = {std::vector<ir::Float>{{2.5}, {2.5}}};
  const Model by_factor = resized({{"scale_factors", factors}}, {2, 4, 30, 25});
  EXPECT_EQ(only_node(by_factor).inputs().size(), 3u) << "x, no roi, scales";
  const Model by_size = resized({{"output_size", ints({17, 9})}}, {2, 4, 17, 9});
  EXPECT_EQ(only_node(by_size).inputs().size(), 4u) << "x, no roi, no scales, sizes";
  const Model doubled = resized({{"output_size", ints({24, 20})}}, {2, 4, 24, 20});
  EXPECT_EQ(only_node(doubled).inputs().size(), 3u) << "twice the size is a scale";
}

TEST(AtenLayers, TakeTheMatrixThatWasTransposedForAProduct) {
  ProgramBuilder program;
  ir::Value* x = program.input("x", meta(DataType::kFloat, {3, 5}));
  ir::Value* w = program.input("w", meta(DataType::kFloat, {4, 5}));
  ir::Value* b = program.input("b", meta(DataType::kFloat, {4}));
  program.output(program.call("aten.linear.default",
                              {{"input", arg(x)}, {"weight", arg(w)}, {"bias", arg(b)}},
                              meta(DataType::kFloat, {3, 4})));
  const Model model = convert_program(program.program);
  EXPECT_EQ(only_node(model).op_type(), "Gemm");
  EXPECT_EQ(only_node(model).int_attribute("transB", 0), 1);
}

TEST(AtenLayers, AttendByOneNodeWithoutAttributesThatSayTheDefault) {
  ProgramBuilder program;
  const auto heads = meta(DataType::kFloat, {2, 3, 7, 16});
  ir::Value *q = program.input("q", heads), *k = program.input("k", heads), *v = program.input("v", heads);
  program.output(program.call("aten.scaled_dot_product_attention.default",
                              {{"query", arg(q)}, {"key", arg(k)}, {"value", arg(v)}, {"scale", arg(0.25)}},
                              heads));
  const Model model = convert_program(program.program);
  EXPECT_EQ(only_node(model).op_type(), "Attention");
  EXPECT_TRUE(only_node(model).attributes().empty()) << "0.25 is 1/sqrt(16)";
}

TEST(AtenLayers, LeaveOutWhatDoesNothing) {
  EXPECT_EQ(operators(convert("aten.dropout.default", {{"p", arg(0.5)}, {"train", arg(false)}}, kImage,
                              kImage, "input")),
            "Identity");
  EXPECT_EQ(operators(convert("aten.pad.default", {{"pad", ints({0, 0, 0, 0})}}, kImage, kImage)),
            "Identity");
}

TEST(AtenLayers, SayWhatTheyCannotBe) {
  const auto refusal = [](const std::string& target, std::vector<ir::NamedArgument> arguments) {
    const ir::TensorMeta image = meta(DataType::kFloat, kImage);
    return torch::refusal(target, std::move(arguments), image, image,
                          target.starts_with("aten.dropout") ? "input" : "self");
  };
  EXPECT_NE(refusal("aten.dropout.default", {{"p", arg(0.5)}, {"train", arg(true)}}).find("eval()"),
            std::string::npos);
  EXPECT_NE(refusal("aten.max_pool2d.default", {{"kernel_size", ints({0})}}).find("is none"),
            std::string::npos);
  EXPECT_NE(
      refusal("aten.max_pool2d.default", {{"kernel_size", ints({2, 2, 2})}}).find("3 numbers for 2 axes"),
      std::string::npos);
  EXPECT_NE(refusal("aten.adaptive_avg_pool2d.default", {{"output_size", ints({int64_t{1} << 40, 1})}})
                .find("output_size"),
            std::string::npos);
  EXPECT_NE(refusal("aten.pad.default", {{"pad", ints({1, 1, 1})}}).find("3 pads"), std::string::npos);
  EXPECT_NE(refusal("aten.pixel_shuffle.default", {{"upscale_factor", arg(0)}}).find("upscale_factor is 0"),
            std::string::npos);
  EXPECT_NE(refusal("aten.im2col.default", {{"kernel_size", ints({3, 3})}, {"stride", ints({0, 1})}})
                .find("is none"),
            std::string::npos);
}

}  // namespace
}  // namespace slipway::torch
