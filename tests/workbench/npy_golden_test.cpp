// .npy and .npz files that NumPy wrote (tests/golden/make_npy.py says what is in them).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <complex>
#include <filesystem>

#include "base/error.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::workbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/npy" / name;
}

// [2, 3]: 0 to 5; bools 0 1 0 1 0 1; complex numbers k - k i.
template <typename T>
Tensor expected() {
  Tensor tensor(data_type_of<T>, {2, 3});
  for (int i = 0; i < 6; ++i) {
    T& element = tensor.data<T>()[static_cast<size_t>(i)];
    if constexpr (std::is_same_v<T, bool>)
      element = i % 2 == 1;
    else if constexpr (std::is_constructible_v<T, float, float>)
      element = T(static_cast<float>(i), static_cast<float>(-i));
    else if constexpr (std::is_arithmetic_v<T>)
      element = static_cast<T>(i);
    else
      element = T(static_cast<float>(i));
  }
  return tensor;
}

struct ArrayCase {
  const char* dtype;
  Tensor tensor;
};

std::vector<ArrayCase> cases() {
  return {{"bool", expected<bool>()},
          {"int8", expected<int8_t>()},
          {"int16", expected<int16_t>()},
          {"int32", expected<int32_t>()},
          {"int64", expected<int64_t>()},
          {"uint8", expected<uint8_t>()},
          {"uint16", expected<uint16_t>()},
          {"uint32", expected<uint32_t>()},
          {"uint64", expected<uint64_t>()},
          {"float16", expected<Float16>()},
          {"float32", expected<float>()},
          {"float64", expected<double>()},
          {"complex64", expected<std::complex<float>>()},
          {"complex128", expected<std::complex<double>>()}};
}

TEST(NpyGolden, EveryElementTypeAndOrder) {
  for (const auto& [dtype, tensor] : cases()) {
    EXPECT_TRUE(identical(read_npy(golden(std::string(dtype) + ".npy")), tensor)) << dtype;
    EXPECT_TRUE(identical(read_npy(golden(std::string(dtype) + "_fortran.npy")), tensor)) << dtype;
    if (tensor.bytes() > 6) {
      EXPECT_TRUE(identical(read_npy(golden(std::string(dtype) + "_big_endian.npy")), tensor)) << dtype;
    }
  }
}

TEST(NpyGolden, EveryVersion) {
  for (const char* name : {"version_2.npy", "version_3.npy"})
    EXPECT_TRUE(identical(read_npy(golden(name)), expected<float>())) << name;
}

TEST(NpyGolden, EveryRank) {
  const Tensor scalar = read_npy(golden("scalar.npy"));
  EXPECT_EQ(scalar.describe(), "f32[]");
  EXPECT_EQ(scalar.data<float>()[0], 7.0f);
  EXPECT_THAT(read_npy(golden("vector.npy")).data<int64_t>(), ElementsAre(1, 2));
  EXPECT_EQ(read_npy(golden("empty.npy")).describe(), "f32[2,0,3]");
  const Tensor rank_4 = read_npy(golden("rank_4_fortran.npy"));
  ASSERT_EQ(rank_4.describe(), "i32[2,3,4,5]");
  for (int32_t i = 0; i < 120; ++i) EXPECT_EQ(rank_4.data<int32_t>()[static_cast<size_t>(i)], i);
}

TEST(NpyGolden, Text) {
  for (const char* name : {"unicode.npy", "unicode_fortran.npy", "unicode_big_endian.npy"}) {
    const Tensor text = read_npy(golden(name));
    ASSERT_EQ(text.describe(), "string[3,2]") << name;
    EXPECT_THAT(text.data<Text>(), ElementsAre("", "a", "grün", "日本", "\U0001f600x", "end")) << name;
  }
  EXPECT_THAT(read_npy(golden("bytes.npy")).data<Text>(), ElementsAre("", "ab", "\xff"));
}

TEST(NpyGolden, VoidOfTwoBytesIsBits) {
  const Tensor bits = read_npy(golden("void_2.npy"));
  EXPECT_THAT(bits.data<uint16_t>(), ElementsAre(1, 0x3f80));
  EXPECT_EQ(static_cast<float>(reinterpret_as(bits, DataType::kBfloat16).data<Bfloat16>()[1]), 1.0f);
}

TEST(NpyGolden, WhatOnnxHasNoTypeForIsRefused) {
  const auto error_of = [](const char* name) -> std::string {
    try {
      read_npy(golden(name));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of("object.npy"), HasSubstr("|O"));
  EXPECT_THAT(error_of("records.npy"), HasSubstr("records"));
  EXPECT_THAT(error_of("dates.npy"), HasSubstr("<M8[D]"));
  EXPECT_THAT(error_of("dates.npy"), HasSubstr("dates.npy"));
}

TEST(NpyGolden, StoredAndDeflatedArchives) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const NamedTensors tensors = read_npz(golden(name));
    ASSERT_EQ(tensors.size(), 3U) << name;
    EXPECT_EQ(tensors[0].first, "x");
    EXPECT_TRUE(identical(tensors[0].second, expected<float>()));
    EXPECT_EQ(tensors[1].first, "flags");
    EXPECT_TRUE(identical(tensors[1].second, expected<bool>()));
    EXPECT_EQ(tensors[2].first, "a/b");
    EXPECT_TRUE(identical(tensors[2].second, Tensor::scalar<int64_t>(3)));
  }
  EXPECT_TRUE(read_npz(golden("none.npz")).empty());
}

}  // namespace
}  // namespace slipway::workbench
