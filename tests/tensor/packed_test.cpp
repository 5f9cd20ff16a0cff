#include "tensor/packed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace slipway {
namespace {

const std::vector<DataType> kPacked = {DataType::kUint4, DataType::kInt4, DataType::kFloat4e2m1,
                                       DataType::kUint2, DataType::kInt2};

// onnx: "x & 0x0F | y << 4" for two elements x, y; four of two bits alike.
TEST(Packed, TheFirstElementIsInTheLowBits) {
  const std::array<uint8_t, 2> bytes = {0b11'01'00'10, 0x7A};
  EXPECT_EQ(read_packed(DataType::kUint2, bytes.data(), 0), 0b10);
  EXPECT_EQ(read_packed(DataType::kUint2, bytes.data(), 1), 0b00);
  EXPECT_EQ(read_packed(DataType::kUint2, bytes.data(), 2), 0b01);
  EXPECT_EQ(read_packed(DataType::kUint2, bytes.data(), 3), 0b11);
  EXPECT_EQ(read_packed(DataType::kUint4, bytes.data(), 2), 0xA);
  EXPECT_EQ(read_packed(DataType::kUint4, bytes.data(), 3), 0x7);
}

TEST(Packed, ValuesOfEveryPattern) {
  const std::vector<float> i4 = {0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1};
  const std::vector<float> f4 = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0F, -0.5, -1, -1.5, -2, -3, -4, -6};
  const std::vector<float> i2 = {0, 1, -2, -1};
  for (uint8_t bits = 0; bits < 16; ++bits) {
    EXPECT_EQ(decode_packed(DataType::kUint4, bits), bits);
    EXPECT_EQ(decode_packed(DataType::kInt4, bits), i4[bits]);
    EXPECT_EQ(decode_packed(DataType::kFloat4e2m1, bits), f4[bits]);
  }
  for (uint8_t bits = 0; bits < 4; ++bits) {
    EXPECT_EQ(decode_packed(DataType::kUint2, bits), bits);
    EXPECT_EQ(decode_packed(DataType::kInt2, bits), i2[bits]);
  }
}

TEST(Packed, WritingLeavesTheNeighboursAlone) {
  for (const DataType type : kPacked) {
    const int mask = (1 << bits_of(type)) - 1;
    const int64_t count = 3 * 8 / bits_of(type);
    for (const uint8_t background : {0x00, 0xFF, 0xA5}) {
      for (int64_t index = 0; index < count; ++index) {
        std::array<uint8_t, 3> bytes = {background, background, background};
        const std::array<uint8_t, 3> before = bytes;
        write_packed(type, bytes.data(), index, static_cast<uint8_t>(0x9 & mask));
        for (int64_t other = 0; other < count; ++other)
          EXPECT_EQ(read_packed(type, bytes.data(), other),
                    other == index ? 0x9 & mask : read_packed(type, before.data(), other));
      }
    }
  }
}

TEST(Packed, HighBitsAreNotWritten) {
  uint8_t byte = 0;
  write_packed(DataType::kInt4, &byte, 0, 0xF3);
  EXPECT_EQ(byte, 0x03);
}

TEST(Packed, IntegersKeepTheirLowBits) {
  EXPECT_EQ(encode_packed_integer(DataType::kInt4, -1), 0xF);
  EXPECT_EQ(encode_packed_integer(DataType::kInt4, -8), 0x8);
  EXPECT_EQ(encode_packed_integer(DataType::kUint4, 200), 0x8);
  EXPECT_EQ(encode_packed_integer(DataType::kInt2, -2), 0x2);
}

TEST(Packed, OnlyTypesBelowAByteArePacked) {
  for (int number = 0; number < kDataTypeCount; ++number) {
    const auto type = static_cast<DataType>(number);
    const bool expected = std::find(kPacked.begin(), kPacked.end(), type) != kPacked.end();
    EXPECT_EQ(is_packed(type), expected) << name_of(type);
  }
}

}  // namespace
}  // namespace slipway
