// Inputs and outputs of a run as files.
#include "workbench/tensor_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.hpp"
#include "base/error_from.hpp"
#include "base/scratch_folder.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::workbench {
namespace {

using backends::Port;
using ::testing::AllOf;
using ::testing::HasSubstr;

const Type kFloats = Type::tensor(DataType::kFloat, Shape{2});
const std::vector<Port> kPorts = {{"a", kFloats}, {"b", kFloats, true}, {"list", Type::sequence(kFloats)}};

Tensor pair(float first) {
  return Tensor::from<float>({2}, std::vector<float>{first, first + 1});
}

TEST(InputFile, Forms) {
  EXPECT_EQ(parse_input_file("x=a.npy").input, "x");
  EXPECT_EQ(parse_input_file("x=a=b.npy").path, "a=b.npy");
  EXPECT_EQ(parse_input_file("all.npz").input, "");
  for (const char* wrong : {"", "a.npy", "=a.npy", "x="})
    EXPECT_THAT(error_from([&] { parse_input_file(wrong); }), HasSubstr("NAME=FILE.npy")) << wrong;
}

TEST(ReadInputs, ByNameFromAnyFile) {
  const ScratchFolder folder;
  write_npy(folder.path() / "a.npy", pair(1));
  write_npz(folder.path() / "rest.npz", {{"list.0", pair(3)}, {"list.1", pair(5)}, {"b", pair(7)}});
  const auto values = read_inputs(kPorts, {{"a", folder.path() / "a.npy"}, {"", folder.path() / "rest.npz"}});
  ASSERT_EQ(values.size(), 3U);
  EXPECT_TRUE(identical(values[0].tensor(), pair(1)));
  EXPECT_TRUE(identical(values[1].tensor(), pair(7)));
  ASSERT_EQ(values[2].sequence().size(), 2U);
  EXPECT_TRUE(identical(values[2].sequence()[1].tensor(), pair(5)));
  const auto one = read_inputs(kPorts, {{"b", folder.path() / "rest.npz"}});
  EXPECT_FALSE(one[0].has_value());  // whoever runs says that it is missing
  EXPECT_TRUE(identical(one[1].tensor(), pair(7)));
}

TEST(ReadInputs, MapOfKeysAndValues) {
  const ScratchFolder folder;
  const std::vector<Port> ports = {{"map", Type::map(DataType::kInt64, Type::tensor(DataType::kFloat))}};
  const Tensor keys = Tensor::from<int64_t>({2}, std::vector<int64_t>{7, 3});
  write_npz(folder.path() / "map.npz", {{"map.keys", keys}, {"map.values", pair(1)}});
  const auto values = read_inputs(ports, {{"", folder.path() / "map.npz"}});
  EXPECT_TRUE(identical(values[0].map().keys, keys));
  EXPECT_TRUE(identical(values[0].map().values, pair(1)));
  // What is written is what is read.
  write_outputs(folder.path() / "out.npz", ports, values);
  EXPECT_TRUE(identical(read_npz(folder.path() / "out.npz").at(1).second, pair(1)));
}

TEST(WriteOutputs, MapsWithTheSameKeysAreATable) {
  const ScratchFolder folder;
  const std::vector<Port> ports = {
      {"maps", Type::sequence(Type::map(DataType::kInt64, Type::tensor(DataType::kFloat)))}};
  const Tensor keys = Tensor::from<int64_t>({2}, std::vector<int64_t>{7, 3});
  const Tensor others = Tensor::from<int64_t>({2}, std::vector<int64_t>{7, 4});
  const auto written = [&](const Tensor& second_keys) {
    std::vector<RuntimeValue> values;
    values.emplace_back(Sequence{Map{keys, pair(1)}, Map{second_keys, pair(5)}});
    write_outputs(folder.path() / "out.npz", ports, values);
    std::map<std::string, std::string> found;
    for (const auto& [name, tensor] : read_npz(folder.path() / "out.npz")) found[name] = tensor.describe();
    return found;
  };
  using Found = std::map<std::string, std::string>;
  EXPECT_EQ(written(keys), (Found{{"maps.keys", "i64[2]"}, {"maps.values", "f32[2,2]"}}));
  EXPECT_EQ(written(others), (Found{{"maps.0.keys", "i64[2]"},
                                    {"maps.0.values", "f32[2]"},
                                    {"maps.1.keys", "i64[2]"},
                                    {"maps.1.values", "f32[2]"}}));
}

TEST(ReadInputs, WhatDoesNotFit) {
  const ScratchFolder folder;
  const auto npy = folder.path() / "a.npy", npz = folder.path() / "a.npz";
  write_npy(npy, pair(1));
  write_npz(npz, {{"a", pair(1)}, {"list.1", pair(2)}});
  const auto error_with = [](const std::vector<InputFile>& files) {
    return error_from([&] { read_inputs(kPorts, files); });
  };
  EXPECT_THAT(error_with({{"c", npy}}), AllOf(HasSubstr("no input 'c'"), HasSubstr("'a', 'list'")));
  EXPECT_THAT(error_with({{"a", npy}, {"a", npy}}), HasSubstr("'a' is given twice"));
  EXPECT_THAT(error_with({{"b", npz}}), AllOf(HasSubstr("a.npz"), HasSubstr("no array 'b'")));
  EXPECT_THAT(error_with({{"", npz}}), HasSubstr("'list.1' is a part of a sequence"));
  EXPECT_THAT(error_with({{"list.x", npy}}), HasSubstr("no input 'list.x'"));
}

TEST(ReadInputs, ElementsThatNumPyLacks) {
  const ScratchFolder folder;
  const std::vector<Port> ports = {{"half", Type::tensor(DataType::kBfloat16, Shape{2})},
                                   {"nibbles", Type::tensor(DataType::kInt4, Shape{2})}};
  write_npz(folder.path() / "a.npz", {{"half", Tensor::from<uint16_t>({2}, std::vector<uint16_t>{0x3f80, 0})},
                                      {"nibbles", Tensor::from<int8_t>({2}, std::vector<int8_t>{-8, 7})}});
  const auto values = read_inputs(ports, {{"", folder.path() / "a.npz"}});
  EXPECT_EQ(static_cast<float>(values[0].tensor().data<Bfloat16>()[0]), 1.0f);
  EXPECT_EQ(values[1].tensor().describe(), "i4[2]");
  write_npz(folder.path() / "b.npz", {{"nibbles", Tensor::from<int8_t>({2}, std::vector<int8_t>{-9, 7})}});
  EXPECT_THAT(error_from([&] { read_inputs(ports, {{"", folder.path() / "b.npz"}}); }),
              AllOf(HasSubstr("input 'nibbles'"), HasSubstr("-9")));
}

TEST(WriteOutputs, ByTheFilesExtension) {
  const ScratchFolder folder;
  const std::vector<Port> two = {{"y", kFloats}, {"list", Type::sequence(kFloats)}};
  const std::vector<RuntimeValue> values = {pair(1), Sequence{pair(2), pair(3)}};
  write_outputs(folder.path() / "y.npz", two, values);
  const auto tensors = read_npz(folder.path() / "y.npz");
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors[2].first, "list.1");
  EXPECT_TRUE(identical(tensors[2].second, pair(3)));
  write_outputs(folder.path() / "y.npy", {two[0]}, {values[0]});
  EXPECT_TRUE(identical(read_npy(folder.path() / "y.npy"), pair(1)));
  EXPECT_THAT(error_from([&] { write_outputs(folder.path() / "y.npy", two, values); }),
              HasSubstr("2 outputs"));
  EXPECT_THAT(error_from([&] { write_outputs(folder.path() / "y.npy", {two[1]}, {values[1]}); }),
              HasSubstr("'list'"));
  EXPECT_THAT(error_from([&] { check_output_path("y.txt", 1); }),
              HasSubstr("neither with .npz nor with .npy"));
}

}  // namespace
}  // namespace slipway::workbench
