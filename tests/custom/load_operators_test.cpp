// Which libraries are taken, and what is said of the others.
#include "custom/load_operators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scratch_folder.hpp"
#include "custom/one_node.hpp"

namespace slipway::custom {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string load_error(const std::vector<std::string>& names) {
  return error_of([&] { load(names); });
}

TEST(LoadOperators, KnowsTheStandardsAndTheLibrarys) {
  const auto registry = load({"asinh", "right"});
  ASSERT_NE(registry->find("com.example", "Asinh"), nullptr);
  EXPECT_EQ(registry->find("com.example", "Asinh")->library, library("asinh").string());
  EXPECT_EQ(registry->find("", "Relu"), ops::standard_operators().find("", "Relu"));
  EXPECT_EQ(registry->all().size(), ops::standard_operators().all().size() + 5);
  EXPECT_EQ(ops::standard_operators().find("com.example", "Asinh"), nullptr);
}

TEST(LoadOperators, ReadsTheSchema) {
  const auto registry = load({"right"});
  const ops::Operator& describe = *registry->find("test", "Describe");
  ASSERT_EQ(describe.inputs.size(), 3U);
  EXPECT_EQ(describe.inputs[0].arity, ops::Arity::kRequired);
  EXPECT_EQ(describe.inputs[1].name, "second");
  EXPECT_EQ(describe.inputs[1].arity, ops::Arity::kOptional);
  EXPECT_EQ(describe.inputs[2].arity, ops::Arity::kVariadic);
  EXPECT_EQ(describe.attributes.size(), 7U);
  const ops::Operator& scaled = *registry->find("test", "Scaled");
  EXPECT_EQ(scaled.since_version, 2);
  EXPECT_FALSE(scaled.deterministic);
  EXPECT_TRUE(scaled.attributes[0].required);
  EXPECT_TRUE(describe.deterministic);
}

TEST(LoadOperators, SaysWhyNot) {
  EXPECT_THAT(load_error({"nowhere"}),
              AllOf(StartsWith("not found"), HasSubstr("nowhere.so"), HasSubstr("no such file")));
  EXPECT_THAT(load_error({"no_entry"}),
              AllOf(HasSubstr("no_entry.so"), HasSubstr("no function slipway_custom_ops")));
  EXPECT_THAT(load_error({"undefined_symbol"}),
              AllOf(HasSubstr("undefined_symbol.so"), HasSubstr("nobody_defines_this")));
  EXPECT_THAT(load_error({"null_table"}), HasSubstr("returned NULL"));
  EXPECT_THAT(load_error({"newer_abi"}),
              AllOf(StartsWith("unsupported"), HasSubstr("version 2"), HasSubstr("has 1")));
  EXPECT_THAT(load_error({"older_abi"}), HasSubstr("abi 0"));
  EXPECT_THAT(load_error({"small_table"}), HasSubstr("op_size 8"));
  EXPECT_THAT(load_error({"throws"}),
              AllOf(HasSubstr("slipway_custom_ops"), HasSubstr("the licence has expired")));
  EXPECT_THAT(load_error({"no_operators"}), HasSubstr("has no operators"));
}

TEST(LoadOperators, TakesNoFileThatIsNoLibrary) {
  const ScratchFolder folder;
  const auto path = folder.write("text.so", "not a library");
  EXPECT_THAT(error_of([&] { load_operators(std::vector{path}); }),
              AllOf(StartsWith("invalid argument"), HasSubstr("text.so"), HasSubstr("cannot be loaded")));
}

TEST(LoadOperators, NamesTheFaultyOperator) {
  const auto faulty = [](const std::string& name, const std::string& reason) {
    EXPECT_THAT(load_error({name}), AllOf(HasSubstr(name + ".so"), HasSubstr("operator"), HasSubstr(reason)));
  };
  faulty("no_name", "it has no name");
  faulty("no_run", "no function run");
  faulty("no_outputs", "no outputs");
  faulty("unknown_type", "inputs: 'tensor' is neither an element type");
  faulty("short_type_name", "types: 'f32' is neither");
  faulty("unknown_kind", "attributes: 'graph' is no kind");
  faulty("no_colon", "inputs: 'x T' is not of the form");
  faulty("variadic_first", "inputs: 'x' has any number, so it must be the last");
  faulty("create_alone", "a function create, but no destroy");
  faulty("unknown_flag", "0x80");
  faulty("version_zero", "its version is 0");
}

TEST(LoadOperators, TwoOfOneNameAreNamedBoth) {
  EXPECT_THAT(load_error({"asinh", "asinh_again"}),
              AllOf(HasSubstr("asinh.so"), HasSubstr("asinh_again.so"), HasSubstr("'com.example:Asinh'")));
  EXPECT_THAT(load_error({"twice"}), HasSubstr("brings an operator of this name, too"));
}

TEST(LoadOperators, WhatSlipwayHasIsNotReplaced) {
  EXPECT_THAT(load_error({"standard"}), AllOf(HasSubstr("':Relu'"), HasSubstr("the standard's")));
  EXPECT_THAT(load_error({"rewritten"}), AllOf(HasSubstr("'com.microsoft:FusedMatMul'"),
                                               HasSubstr("Slipway has an operator of this name itself")));
  EXPECT_THAT(load_error({"standard_ml"}), AllOf(HasSubstr("ai.onnx.ml"), HasSubstr("the standard's")));
}

TEST(LoadOperators, AModelOfAnOlderVersionIsRefused) {
  OneNode one("test", "Scaled", {Type::tensor(DataType::kInt64, Shape{2})}, {{"factor", int64_t{3}}});
  one.model().opset_imports.set("test", 1);
  EXPECT_THAT(
      error_of([&] { one.compile(load({"right"})); }),
      AllOf(HasSubstr("version 1 of domain 'test'"), HasSubstr("from version 2 on"), HasSubstr("right.so")));
}

}  // namespace
}  // namespace slipway::custom
