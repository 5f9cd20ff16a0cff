#include "tensor/tensor_text.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace slipway {
namespace {

template <typename T>
std::string text_of(std::vector<T> values) {
  return elements_text(Tensor::from<T>({static_cast<int64_t>(values.size())}, values), 8);
}

TEST(TensorText, NumbersAreShortAndExact) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(text_of<float>({1, 0.1F, -2.5F, 1e30F, infinity, -infinity}), "[1,0.1,-2.5,1e+30,inf,-inf]");
  EXPECT_EQ(text_of<double>({0.1, 1.0 / 3}), "[0.1,0.3333333333333333]");
  EXPECT_EQ(text_of<int8_t>({-128, 65}), "[-128,65]");
  EXPECT_EQ(text_of<uint8_t>({255, 65}), "[255,65]");
  EXPECT_EQ(text_of<uint64_t>({std::numeric_limits<uint64_t>::max()}), "[18446744073709551615]");
  EXPECT_EQ(text_of<Float16>({Float16(0.5), Float16(-2)}), "[0.5,-2]");
  EXPECT_EQ(text_of<Float8e4m3fn>({Float8e4m3fn(448)}), "[448]");
  EXPECT_EQ(text_of<std::complex<float>>({{1, -2}, {0, 1}}), "[1-2i,0+1i]");
}

TEST(TensorText, OtherElements) {
  EXPECT_EQ(text_of<std::string>({"a", "b\"\n"}), "[\"a\",\"b\\\"\\n\"]");
  EXPECT_EQ(elements_text(Tensor::scalar(int32_t{7}), 8), "7");
  EXPECT_EQ(elements_text(Tensor(DataType::kFloat, {0, 3}), 8), "[]");
  uint8_t packed[] = {0xF1, 0x08};
  EXPECT_EQ(elements_text(Tensor::borrow(DataType::kInt4, {3}, packed, 2), 8), "[1,-1,-8]");
  uint8_t flags[] = {0, 1, 2};
  EXPECT_EQ(elements_text(Tensor::borrow(DataType::kBool, {3}, flags, 3), 8), "[false,true,true]");
}

TEST(TensorText, EveryTypeHasAText) {
  for (int number = 1; number < kDataTypeCount; ++number) {
    Tensor tensor(static_cast<DataType>(number), {2});
    if (tensor.type() != DataType::kString) std::memset(tensor.raw(), 0, tensor.bytes());
    EXPECT_NE(elements_text(tensor, 2), "") << tensor.describe();
  }
}

TEST(TensorText, WhatIsLongOrScatteredHasNone) {
  EXPECT_EQ(elements_text(Tensor(DataType::kFloat, {9}), 8), "");
  const Tensor matrix(DataType::kFloat, {2, 3});
  EXPECT_EQ(elements_text(matrix.with_strides({3, 2}, {1, 3}), 8), "");
  EXPECT_EQ(elements_text(Tensor(), 8), "");
}

TEST(Quoted, EscapesWhatIsNotPlainText) {
  EXPECT_EQ(quoted("a b"), "\"a b\"");
  EXPECT_EQ(quoted("\"\\\n\t\x7F"), "\"\\\"\\\\\\n\\t\\x7f\"");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), "\"\\x00\"");
  EXPECT_EQ(quoted("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  EXPECT_EQ(quoted("\xC3"), "\"\\xc3\"");
  EXPECT_EQ(quoted("\xE2\x82z"), "\"\\xe2\\x82z\"");
  EXPECT_EQ(quoted("\x80"), "\"\\x80\"");
}

TEST(Quoted, CutsWhatIsLong) {
  EXPECT_EQ(quoted("abcd", 4), "\"abcd\"");
  EXPECT_EQ(quoted("abcde", 4), "\"abcd…\" (5 bytes)");
  // Not within a character.
  EXPECT_EQ(quoted("abc\xC3\xA9z", 4), "\"abc\xC3\xA9…\" (6 bytes)");
}

}  // namespace
}  // namespace slipway
