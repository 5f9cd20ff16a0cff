// Writing .npy files, and refusing what they cannot hold or do not say.
#include "workbench/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"
#include "base/scratch_folder.hpp"
#include "tensor/packed.hpp"
#include "workbench/npy_header.hpp"

namespace slipway::workbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string npy_of(const Tensor& tensor) {
  std::string bytes;
  format_npy(tensor, [&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return bytes;
}

Tensor parsed(const std::string& bytes) {
  auto buffer = Buffer::allocate(bytes.size());
  std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return parse_npy(buffer);
}

std::string error_in(const std::string& bytes) {
  try {
    parsed(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// A file of version 1.0 with this literal.
std::string file_with(const std::string& literal, const std::string& data = "") {
  const auto length = static_cast<uint16_t>(literal.size());
  return "\x93NUMPY" + std::string("\x01\x00", 2) + static_cast<char>(length & 0xff) +
         static_cast<char>(length >> 8) + literal + data;
}

TEST(Npy, FirstBytesAreNumPys) {
  const std::string bytes = npy_of(Tensor(DataType::kInt8, {2, 3}));
  EXPECT_EQ(bytes.size(), 134U);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\0\x76\0", 10));
  EXPECT_EQ(bytes.substr(10, 60), "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), } ");
  EXPECT_EQ(bytes[127], '\n');
  EXPECT_THAT(npy_of(Tensor(DataType::kDouble, {5})),
              HasSubstr("'<f8', 'fortran_order': False, 'shape': (5,), }"));
}

// NumPy writes the same bytes for the same array.
TEST(Npy, WrittenAsNumPyWrites) {
  for (const char* name :
       {"float32.npy", "complex128.npy", "unicode.npy", "scalar.npy", "empty.npy", "bool.npy"}) {
    const auto path = std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/npy" / name;
    EXPECT_EQ(npy_of(read_npy(path)), ScratchFolder::read(path)) << name;
  }
}

TEST(Npy, WhatNumPyLacksGoesByItsBits) {
  for (const DataType type : {DataType::kBfloat16, DataType::kFloat8e4m3fn, DataType::kFloat8e4m3fnuz,
                              DataType::kFloat8e5m2, DataType::kFloat8e5m2fnuz, DataType::kFloat8e8m0}) {
    Tensor tensor(type, {3});
    std::memset(tensor.raw(), 0x35, tensor.bytes());
    const Tensor read = parsed(npy_of(tensor));
    EXPECT_NE(read.type(), type);
    EXPECT_TRUE(identical(reinterpret_as(read, type), tensor)) << name_of(type);
  }
}

TEST(Npy, PackedElementsTakeAByteEach) {
  for (const DataType type :
       {DataType::kInt4, DataType::kUint4, DataType::kFloat4e2m1, DataType::kInt2, DataType::kUint2}) {
    Tensor tensor(type, {7});
    std::memset(tensor.raw(), 0, tensor.bytes());
    for (int64_t i = 0; i < 7; ++i)
      write_packed(type, tensor.raw(), i, static_cast<uint8_t>((i * 5) & ((1 << bits_of(type)) - 1)));
    const Tensor read = parsed(npy_of(tensor));
    EXPECT_EQ(bits_of(read.type()), 8) << name_of(type);
    EXPECT_TRUE(identical(reinterpret_as(read, type), tensor)) << name_of(type);
  }
  const Tensor negative = Tensor::from<int8_t>({2}, std::vector<int8_t>{-8, 7});
  EXPECT_TRUE(identical(parsed(npy_of(reinterpret_as(negative, DataType::kInt4))), negative));
}

TEST(Npy, BitsWithoutRoomAreRefused) {
  const Tensor wide = Tensor::from<int8_t>({2}, std::vector<int8_t>{7, 8});
  EXPECT_THROW(reinterpret_as(wide, DataType::kInt4), Error);
  const Tensor floats = Tensor::scalar(1.0f);
  EXPECT_TRUE(identical(reinterpret_as(floats, DataType::kInt4), floats));  // not by the table: left alone
}

TEST(Npy, TextRoundTrips) {
  const std::vector<std::string> strings = {"", "a\0b", "grün", "\U0010ffff", std::string("x\0y", 3)};
  const Tensor text = Tensor::from<std::string>({5}, strings);
  EXPECT_TRUE(identical(parsed(npy_of(text)), text));
  EXPECT_EQ(parsed(npy_of(Tensor(DataType::kString, {0}))).describe(), "string[0]");
}

// Fixed width cannot tell a NUL at the end from padding, and UTF-32 has no place for what is no character.
TEST(Npy, RefusesTextThatWouldChange) {
  for (const std::string& text :
       {std::string("a\0", 2), std::string("\xff"), std::string("\xc3"), std::string("\xed\xa0\x80"),
        std::string("\xf4\x90\x80\x80"), std::string("\xc0\x80"), std::string("\xe0\x80\xaf"),
        std::string(1, '\0'), std::string("\x80"), std::string("\xf8\x88\x80\x80\x80")})
    EXPECT_THROW(npy_of(Tensor::scalar(text)), Error) << ::testing::PrintToString(text);
  EXPECT_THAT(error_in(file_with("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }",
                                 std::string("\x00\xd8\x00\x00", 4))),
              HasSubstr("0xd800"));
}

TEST(Npy, BoolsAreZeroOrOne) {
  EXPECT_THAT(parsed(file_with("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }",
                               std::string("\0\1\xfe", 3)))
                  .data<bool>(),
              ElementsAre(false, true, true));
}

TEST(Npy, HeadersOfOlderWritersAreRead) {
  EXPECT_EQ(
      parsed(file_with("{'shape': (2L, 1L), 'fortran_order': True, \"descr\": '<i2'}", "abcd")).describe(),
      "i16[2,1]");
  EXPECT_EQ(parsed(file_with("{'descr':'u1','fortran_order':False,'shape':()}\n", "a")).describe(), "u8[]");
}

TEST(Npy, StatedSizesAreTheDatas) {
  const auto with_shape = [](const std::string& shape, size_t bytes) {
    return error_in(file_with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }",
                              std::string(bytes, '\0')));
  };
  EXPECT_EQ(with_shape("(2,)", 8), "no error");
  EXPECT_THAT(with_shape("(2,)", 7), HasSubstr("states 2 elements of 4 bytes"));
  EXPECT_THAT(with_shape("(2,)", 9), HasSubstr("9 bytes follow"));
  EXPECT_THAT(with_shape("(1000000000000,)", 8), HasSubstr("8 bytes follow"));
  EXPECT_THAT(with_shape("(4611686018427387904, 4)", 0), HasSubstr("too large"));
  EXPECT_THAT(with_shape("(4611686018427387904, 4, 0)", 0), HasSubstr("too large"));
  EXPECT_THAT(with_shape("(9223372036854775808,)", 8), HasSubstr("2^63"));
  EXPECT_THAT(with_shape("(-1,)", 8), HasSubstr("not negative"));
  std::string ones = "(";
  for (int i = 0; i < 65; ++i) ones += "1,";
  EXPECT_THAT(with_shape(ones + ")", 4), HasSubstr("more than 64 dimensions"));
}

TEST(Npy, HeadersThatAreNone) {
  EXPECT_THAT(error_in(""), HasSubstr("not a .npy file"));
  EXPECT_THAT(error_in("PK\x03\x04 something else"), HasSubstr("not a .npy file"));
  EXPECT_THAT(error_in(std::string("\x93NUMPY\x04\x00\x00\x00\x00\x00", 12)), HasSubstr("version 4"));
  EXPECT_THAT(error_in(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12)), HasSubstr("4294967295"));
  EXPECT_THAT(error_in(file_with("{'descr': '<f4'}")), HasSubstr("header"));
  EXPECT_THAT(error_in(file_with("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}")),
              HasSubstr("'descr' twice"));
  EXPECT_THAT(error_in(file_with("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}")),
              HasSubstr("True or False"));
  EXPECT_THAT(error_in(file_with("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}")),
              HasSubstr("unknown entry \"more\""));
  EXPECT_THAT(error_in(file_with("__import__('os').system('true')")), HasSubstr("'{'"));
  for (const char* descr : {"<f3", "", "<", "<U0", "<U2147483648", "<f99999999999999999999", "|O", "<f16"})
    EXPECT_NE(error_in(file_with(
                  "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': ()}", "abcd")),
              "no error")
        << descr;
}

TEST(Npy, FilesAreNamedInErrorsAndWrittenWhole) {
  const ScratchFolder folder;
  const auto path = folder.write("t.npy", "old");
  EXPECT_THROW(write_npy(path, Tensor::scalar(std::string("\xff"))), Error);
  EXPECT_EQ(ScratchFolder::read(path), "old");
  write_npy(path, Tensor::scalar(2.5f));
  EXPECT_TRUE(identical(read_npy(path), Tensor::scalar(2.5f)));
  EXPECT_THAT(folder.names(), ElementsAre("t.npy"));
  try {
    read_npy(folder.path() / "none.npy");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("none.npy"));
  }
}

}  // namespace
}  // namespace slipway::workbench
