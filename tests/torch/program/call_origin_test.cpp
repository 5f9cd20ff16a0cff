// Where calls come from, by the meta data that PyTorch 2.1 to 2.13 write.
#include "torch/program/call_origin.hpp"

#include <gtest/gtest.h>

namespace slipway::torch {
namespace {

std::string source(const std::string& trace) {
  return read_origin(Json::object({{"stack_trace", trace}})).source;
}
ir::Origin of_stack(const std::string& stack) {
  return read_origin(Json::object({{"nn_module_stack", stack}}));
}

TEST(CallOrigin, TheInnermostModule) {
  const auto origin =
      of_stack("L__self__,,__main__.Net;L__self___layers_0,layers.0,torch.nn.modules.conv.Conv2d");
  EXPECT_EQ(origin.module_path, "layers.0");
  EXPECT_EQ(origin.module_type, "torch.nn.modules.conv.Conv2d");
  EXPECT_EQ(of_stack("L__self__,,__main__.Net").module_path, "");
  EXPECT_EQ(of_stack("L__self__,,__main__.Net").module_type, "__main__.Net");
}

TEST(CallOrigin, OtherSpellingsOfModules) {
  EXPECT_EQ(of_stack("a,L['self'].layer1,t").module_path, "layer1");
  EXPECT_EQ(of_stack("a,getattr(L['self'].layer1, '0'),t").module_path, "layer1.0");
  EXPECT_EQ(of_stack("a,getattr(getattr(L['self'].layer1, '0').sub, '12').conv,t").module_path,
            "getattr(getattr(L['self'].layer1, '0').sub, '12').conv");
  EXPECT_EQ(of_stack("a,getattr(getattr(L['self'], '0'), '12'),t").module_path, "0.12");
  EXPECT_EQ(of_stack("L__self___norm@1,norm@1,t").module_path, "norm");
  EXPECT_EQ(of_stack("a,layer,<class 'my.Layer'>").module_type, "my.Layer");
  EXPECT_EQ(of_stack("_empty_nn_module_stack_from_metadata_hook,_empty_nn_module_stack_from_metadata_hook,"
                     "_empty_nn_module_stack_from_metadata_hook")
                .module_type,
            "");
}

TEST(CallOrigin, TheInnermostLineOfTheUser) {
  EXPECT_EQ(source("  File \"/home/me/model.py\", line 41, in forward\n    return self.conv(x)\n"),
            "model.py:41");
  EXPECT_EQ(source("File \"/a/outer.py\", line 1, in forward\n  x\nFile \"/a/inner.py\", line 22, in f\n  y"),
            "inner.py:22");
  EXPECT_EQ(source("File \"/a/model.py\", line 7, in forward\n  x\n"
                   "  File \"/env/site-packages/torch/nn/modules/linear.py\", line 134, in forward\n    y"),
            "model.py:7");
  EXPECT_EQ(source("File \"/env/site-packages/torchvision/ops/boxes.py\", line 3, in nms\n  x"),
            "boxes.py:3");
  EXPECT_EQ(source("File \"/env/site-packages/torch/nn/modules/conv.py\", line 565, in forward"),
            "torch/nn/modules/conv.py:565");
  EXPECT_EQ(source("File \"/a/model.py\", line 7, in f\n  File \"<eval_with_key>.5\", line 9, in g"),
            "model.py:7");
}

TEST(CallOrigin, NothingIsSaid) {
  EXPECT_EQ(source("NoneType: None\n"), "");
  EXPECT_EQ(source("File \"/a/model.py"), "");
  EXPECT_EQ(read_origin(Json::object()).module_path, "");
  EXPECT_EQ(of_stack("").module_path, "");
  EXPECT_EQ(of_stack("((((,,").module_path, "");
}

}  // namespace
}  // namespace slipway::torch
