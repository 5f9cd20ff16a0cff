// Names of inputs and outputs, by the tree specs that torch.utils._pytree.treespec_dumps writes.
#include "torch/program/tree_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

using ::testing::ElementsAre;

const std::string kLeaf = R"({"type":null,"context":null,"children_spec":[]})";

std::string node(const std::string& type, const std::string& context,
                 const std::vector<std::string>& children) {
  std::string all;
  for (const std::string& child : children) all += (all.empty() ? "" : ",") + child;
  return R"({"type":")" + type + R"(","context":)" + context + R"(,"children_spec":[)" + all + "]}";
}
std::string spec(const std::string& tree) {
  return "[1, " + tree + "]";
}

TEST(TreeSpec, LeavesAlone) {
  EXPECT_THAT(leaf_paths(spec(kLeaf), nullptr), ElementsAre(""));
  EXPECT_THAT(leaf_paths(spec(node("builtins.tuple", R"("null")", {})), nullptr), ElementsAre());
}

TEST(TreeSpec, Containers) {
  const auto list = node("builtins.list", R"("null")", {kLeaf, kLeaf});
  const auto dict = node("builtins.dict", R"("[\"a\", 3]")", {kLeaf, list});
  const auto ordered = node("collections.OrderedDict", R"("[\"z\"]")", {kLeaf});
  const auto with_default = node("collections.defaultdict",
                                 R"({"default_factory_module":"builtins","default_factory_name":"list",)"
                                 R"("dict_context":["q"]})",
                                 {kLeaf});
  const auto deque = node("collections.deque", R"("null")", {kLeaf});
  EXPECT_THAT(
      leaf_paths(spec(node("builtins.tuple", R"("null")", {dict, ordered, with_default, deque})), nullptr),
      ElementsAre("0.a", "0.3.0", "0.3.1", "1.z", "2.q", "3.0"));
}

TEST(TreeSpec, ClassesOfUsers) {
  const Json named_tuples = Json::parse(R"({"my.Boxes": {"field_names": ["corners", "scores"]}})");
  const auto boxes = node("collections.namedtuple", R"("my.Boxes")", {kLeaf, kLeaf});
  EXPECT_THAT(leaf_paths(spec(boxes), &named_tuples), ElementsAre("corners", "scores"));
  EXPECT_THAT(leaf_paths(spec(boxes), nullptr), ElementsAre("0", "1"));
  const auto sample = node("my.Sample", R"("[[\"u\", \"v\"], [\"w\"]]")", {kLeaf, kLeaf});
  EXPECT_THAT(leaf_paths(spec(sample), nullptr), ElementsAre("u", "v"));
  const auto output = node("transformers.ModelOutput", R"("[\"logits\"]")", {kLeaf});
  EXPECT_THAT(leaf_paths(spec(output), nullptr), ElementsAre("logits"));
  EXPECT_THAT(leaf_paths(spec(node("my.Thing", R"("not json")", {kLeaf})), nullptr), ElementsAre("0"));
}

std::string arguments(const std::vector<std::string>& positional, const std::string& keywords,
                      const std::vector<std::string>& by_keyword) {
  return spec(
      node("builtins.tuple", R"("null")",
           {node("builtins.tuple", R"("null")", positional), node("builtins.dict", keywords, by_keyword)}));
}

TEST(TreeSpec, ArgumentsHaveTheNamesOfForward) {
  const auto dict = node("builtins.dict", R"("[\"a\", \"b\"]")", {kLeaf, kLeaf});
  const auto text = arguments({kLeaf, dict}, R"("[\"flag\"]")", {kLeaf});
  const std::vector<std::string> names = {"x", "d", "flag"}, inputs = {"x", "d_a", "d_b", "flag"};
  EXPECT_THAT(argument_paths(text, names, inputs, nullptr), ElementsAre("x", "d.a", "d.b", "flag"));
  // PyTorch 2.4: the inputs' names tell.
  EXPECT_THAT(argument_paths(text, {}, inputs, nullptr), ElementsAre("x", "d.a", "d.b", "flag"));
  // PyTorch 2.1: nothing does.
  const std::vector<std::string> numbers = {"arg0_1", "arg1_1", "arg2_1", "arg3_1"};
  EXPECT_THAT(argument_paths(text, {}, numbers, nullptr), ElementsAre("arg0_1", "arg1_1", "arg2_1", "flag"));
}

TEST(TreeSpec, AnotherNumberOfInputsThanLeaves) {
  const std::vector<std::string> names = {"x", "y"}, inputs = {"x"};
  EXPECT_THAT(argument_paths(arguments({kLeaf, kLeaf}, R"("[]")", {}), names, inputs, nullptr),
              ElementsAre("x"));
  EXPECT_THAT(argument_paths(spec(kLeaf), names, inputs, nullptr), ElementsAre("x"));
}

TEST(TreeSpec, WhatIsNone) {
  for (const std::string& text : {std::string(), std::string("[]"), "[2, " + kLeaf + "]",
                                  std::string("[1, 5]"), std::string(R"([1, {"type":"builtins.tuple"}])"),
                                  std::string(R"([1, {"type":7,"children_spec":[]}])")})
    EXPECT_THROW(leaf_paths(text, nullptr), Error) << text;
}

}  // namespace
}  // namespace slipway::torch
