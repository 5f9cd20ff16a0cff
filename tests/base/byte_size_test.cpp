#include "base/byte_size.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway {
namespace {

TEST(ByteSize, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_byte_size("1536"), 1536U);
  EXPECT_EQ(parse_byte_size("12B"), 12U);
  EXPECT_EQ(parse_byte_size("512M"), size_t{512} << 20);
  EXPECT_EQ(parse_byte_size("2g"), size_t{2} << 30);
  EXPECT_EQ(parse_byte_size("1.5GiB"), size_t{3} << 29);
  EXPECT_EQ(parse_byte_size("3TB"), size_t{3} << 40);
  EXPECT_EQ(parse_byte_size("0.5K"), 512U);
}

TEST(ByteSize, RefusesWhatIsNone) {
  for (const char* text : {"", "M", "0", "0.1", "-1", "512X", "512Mx", "512 M", "1e3", "inf", "nan",
                           "9000000T", "5MiBs", "1i"}) {
    try {
      parse_byte_size(text);
      ADD_FAILURE() << "'" << text << "' was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  }
}

TEST(ByteSize, IsWrittenInBytesAndInUnits) {
  EXPECT_EQ(byte_size_text(1536), "1536 bytes");
  EXPECT_EQ(byte_size_text(size_t{512} << 20), "536870912 bytes (512.0 MiB)");
  EXPECT_EQ(byte_size_text((size_t{5} << 30) / 2), "2684354560 bytes (2.5 GiB)");
  EXPECT_EQ(byte_size_text(size_t{1} << 60), "1152921504606846976 bytes (1024.0 PiB)");
}

}  // namespace
}  // namespace slipway
