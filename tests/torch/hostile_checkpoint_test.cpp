// Checkpoints that lie: an error that says so, never a crash, a read outside of the file or much memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hostile/mutator.hpp"
#include "hostile/sandbox.hpp"
#include "hostile/stored_zip.hpp"
#include "onnx/golden_models.hpp"
#include "torch/checkpoint.hpp"

namespace slipway::torch {
namespace {

using slipway::testing::error_of;
using slipway::testing::file_bytes;
using slipway::testing::write_file;
using ::testing::HasSubstr;

constexpr const char* kGoldens[] = {"zip.pth", "legacy.pth", "whole.safetensors"};

std::string golden(const char* name) {
  return file_bytes(std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/torch" / name);
}

// Reads every element, as who uses a checkpoint does.
bool read_all_tensors(const std::filesystem::path& path) {
  for (const auto& entry : read_checkpoint(path).tensors)
    if (entry.tensor.count() < 1 << 20) static_cast<void>(entry.tensor.clone());
  return true;
}

std::string safetensors(const std::string& header, const std::string& data) {
  return hostile::little_endian(header.size(), 8) + header + data;
}

class HostileCheckpoint : public ::testing::Test {
 protected:
  std::string error(const std::string& bytes) {
    write_file(folder_ / "file", bytes);
    return error_of([&] { read_all_tensors(folder_ / "file"); });
  }
  std::string safetensors_error(const std::string& header, size_t data) {
    return error(safetensors(header, std::string(data, 'x')));
  }
  TemporaryFolder folder_;
};

TEST_F(HostileCheckpoint, PrefixesAreErrors) {
  for (const char* name : kGoldens) {
    const std::string whole = golden(name);
    EXPECT_EQ(error(whole), "") << name;
    // An archive's list stands at its end: without it, all prefixes are alike.
    for (size_t size = 0; size < whole.size(); size += whole.starts_with("PK") ? 61 : 5)
      EXPECT_NE(error(whole.substr(0, size)), "") << name << " of " << size;
  }
}

TEST_F(HostileCheckpoint, Mutations) {
  std::vector<std::string> wholes;
  for (const char* name : kGoldens) wholes.push_back(golden(name));
  hostile::expect_harmless(hostile::mutation_count(6000), [&](size_t index) {
    hostile::Mutator random(hostile::seed() + index);
    write_file(folder_ / "file", random.mutate(random.one_of(wholes), random.one_of(wholes)));
    return read_all_tensors(folder_ / "file");
  });
}

TEST_F(HostileCheckpoint, SafetensorsHeaders) {
  EXPECT_EQ(safetensors_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8), "");
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
              HasSubstr("not inside the file's 7 bytes"));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9),
              HasSubstr("its tensors take 8"));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
              HasSubstr("takes 12 bytes, but its data_offsets leave 8"));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                                R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                                6),
              HasSubstr("begins at byte 2 of the data, but 4"));
  EXPECT_THAT(
      safetensors_error(R"({"a":{"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,0]}})", 0),
      HasSubstr("entry \"a\""));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}})", 0),
              HasSubstr("no size"));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"F33","shape":[],"data_offsets":[0,4]}})", 4),
              HasSubstr("'F33'"));
  EXPECT_THAT(safetensors_error(R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
                                R"("a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})",
                                1),
              HasSubstr("twice"));
  EXPECT_THAT(safetensors_error("{" + std::string(200, '[') + "}", 0), HasSubstr("JSON"));
  EXPECT_THAT(safetensors_error(R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}", 0),
              HasSubstr("nested deeper"));
}

TEST_F(HostileCheckpoint, BoolsAreZeroOrOne) {
  write_file(folder_ / "file", safetensors(R"({"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})",
                                           std::string("\0\1x", 3)));
  const Tensor tensor = read_checkpoint(folder_ / "file").tensors.at(0).tensor;
  EXPECT_THAT(tensor.raw_bytes(), ::testing::ElementsAre(std::byte{0}, std::byte{1}, std::byte{1}));
}

TEST_F(HostileCheckpoint, AnIndexStaysInItsFolder) {
  EXPECT_THAT(error(R"({"weight_map":{"a":"../secret.safetensors"}})"), HasSubstr("no file of this folder"));
  EXPECT_THAT(error(R"({"weight_map":{"a":"missing.safetensors"}})"), HasSubstr("missing.safetensors"));
  EXPECT_THAT(error(R"({"weight_map":{"a":"file"}})"), HasSubstr("no safetensors file"));
}

// The legacy form, which needs no archive around its pickles: magic number, version, machine, then `object`.
std::string legacy(const std::string& object, const std::string& keys = "].") {
  return std::string(
             "\x80\x02\x8a\x0al\xfc\x9c"
             "F\xf9 j\xa8P\x19.") +
         "\x80\x02M\xe9\x03." + "\x80\x02}." + "\x80\x02" + object + "\x80\x02" + keys;
}

// A tensor over storage '0' of four floats: {'t': _rebuild_tensor_v2(storage, offset, sizes, strides, …)}
std::string tensor(const std::string& offset, const std::string& sizes, const std::string& strides) {
  const std::string storage = "(X\x07" + std::string(3, '\0') + "storagectorch\nFloatStorage\nX\x01" +
                              std::string(3, '\0') + "0X\x03" + std::string(3, '\0') + "cpuK\x04NtQ";
  const std::string object = "}X\x01" + std::string(3, '\0') + "tctorch._utils\n_rebuild_tensor_v2\n(" +
                             storage + offset + sizes + strides + "\x89}tRs.";
  const std::string keys = "]X\x01" + std::string(3, '\0') + "0a.";
  return legacy(object, keys) + "\x04" + std::string(7, '\0') + std::string(16, '\0');
}

TEST_F(HostileCheckpoint, TensorsOutsideOfTheirStorage) {
  const std::string zero("K\0", 2), two = "K\x02", four = "K\x04", one = "K\x01";
  const auto tuple = [](const std::string& a, const std::string& b) { return a + b + "\x86"; };
  EXPECT_EQ(error(tensor(zero, tuple(two, two), tuple(two, one))), "");
  EXPECT_THAT(error(tensor(one, tuple(two, two), tuple(two, one))), HasSubstr("outside of a storage of 4"));
  EXPECT_THAT(error(tensor("J\xff\xff\xff\xff", tuple(two, two), tuple(two, one))), HasSubstr("outside"));
  EXPECT_THAT(error(tensor(zero, tuple(two, two), tuple(four, one))), HasSubstr("outside"));
  EXPECT_THAT(error(tensor(zero, tuple(two, two), tuple("J\xff\xff\xff\xff", one))), HasSubstr("cannot be"));
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_THAT(error(tensor(zero, tuple(huge, huge), tuple(huge, huge))), HasSubstr("outside of any storage"));
  EXPECT_THAT(error(tensor(zero, tuple(two, two), tuple(huge, zero))), HasSubstr("outside of any storage"));
  EXPECT_NE(error(tensor(zero, tuple(huge, huge), tuple(zero, zero))), "");
}

TEST_F(HostileCheckpoint, MoreAxesThanTensorsHave) {
  const std::string zero("K\0", 2), one = "K\x01";
  std::string ones = "(";
  for (int axis = 0; axis < 65; ++axis) ones += one;
  EXPECT_THAT(error(tensor(zero, ones + "t", ones + "t")), HasSubstr("65 dimensions are more than the 64"));
}

TEST_F(HostileCheckpoint, ContainersWithoutEnd) {
  // A dict in itself.
  EXPECT_EQ(error(legacy("}q\x01X\x01" + std::string(3, '\0') + "ah\x01s.")), "");
  // Lists of two of the list before: 2^40 names from 400 bytes.
  std::string laughs = "]}aq\x01";
  for (int i = 0; i < 40; ++i)
    laughs +=
        "0](h\x01h\x01"
        "eq\x01";
  EXPECT_THAT(error(legacy("N" + laughs + ".")), HasSubstr("more than"));
  // The same of a list of numbers, which is one entry each time, and of items that have no names.
  const auto in_lists_of_lists = [](const std::string& innermost, int levels) {
    std::string object = innermost + "q\x01";
    for (int level = 0; level < levels; ++level) {
      object += "0](";
      for (int k = 0; k < 100; ++k) object += "h\x01";
      object += "eq\x01";
    }
    return object + ".";
  };
  const std::string many(1000, 'N');
  EXPECT_THAT(error(legacy(in_lists_of_lists("](" + many + "e", 3))), HasSubstr("more than"));
  EXPECT_THAT(error(legacy(in_lists_of_lists("}(" + many + "u", 2))), HasSubstr("more than"));
  // Parameters in parameters.
  std::string nested = "N";
  for (int i = 0; i < 1000; ++i) nested.insert(0, "ctorch._utils\n_rebuild_parameter\n(").append("tR");
  EXPECT_NE(error(legacy(nested + ".")), "");
}

}  // namespace
}  // namespace slipway::torch
