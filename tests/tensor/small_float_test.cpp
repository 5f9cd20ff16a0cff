// Against NumPy, ml_dtypes and onnx: see tests/golden/small_floats.py.
#include "tensor/small_float.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace slipway {
namespace {

constexpr std::array<const char*, 8> kNames = {"f16",    "bf16",       "f8e4m3fn", "f8e4m3fnuz",
                                               "f8e5m2", "f8e5m2fnuz", "f8e8m0",   "f4e2m1"};

// The lines of the golden file below the heading, up to the next heading (which begins with a letter beyond
// those of hexadecimal numbers, or is followed by a name).
std::vector<std::string> section(const std::string& heading) {
  std::ifstream file(std::string(SLIPWAY_SOURCE_DIR) + "/tests/golden/small_floats.txt");
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    const std::string first = line.substr(0, line.find(' '));
    if (first == "decode" || first == "blocks" || first == "encode" || first == "double" || first == "scales")
      inside = line == heading;
    else if (inside)
      lines.push_back(line);
  }
  EXPECT_FALSE(lines.empty()) << heading << " is missing";
  return lines;
}

std::vector<uint64_t> numbers(const std::string& line) {
  std::istringstream stream(line);
  std::vector<uint64_t> result;
  for (uint64_t number = 0; stream >> std::hex >> number;) result.push_back(number);
  return result;
}

uint32_t decoded_bits(SmallFloatKind kind, uint32_t pattern) {
  const float value = decode_small_float(kind, pattern);
  return std::isnan(value) ? 0x7FC00000U : std::bit_cast<uint32_t>(value);
}

uint64_t hash_of_block(SmallFloatKind kind, uint32_t first) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (uint32_t pattern = first; pattern < first + 256; ++pattern)
    for (int byte = 0; byte < 4; ++byte)
      hash = (hash ^ (decoded_bits(kind, pattern) >> (8 * byte) & 0xFF)) * 0x100000001B3U;
  return hash;
}

class SmallFloats : public testing::TestWithParam<int> {
 protected:
  SmallFloatKind kind() const { return static_cast<SmallFloatKind>(GetParam()); }
  std::string name() const { return kNames[static_cast<size_t>(GetParam())]; }
  bool is_wide() const { return GetParam() < 2; }
};

TEST_P(SmallFloats, EveryPatternDecodes) {
  if (is_wide()) {
    const auto hashes = numbers(section("blocks " + name()).at(0));
    ASSERT_EQ(hashes.size(), 256U);
    for (uint32_t block = 0; block < 256; ++block)
      EXPECT_EQ(hash_of_block(kind(), block * 256), hashes[block]) << "patterns from " << block * 256;
    return;
  }
  const auto expected = numbers(section("decode " + name()).at(0));
  ASSERT_EQ(expected.size(), name() == "f4e2m1" ? 16U : 256U);
  for (uint32_t pattern = 0; pattern < expected.size(); ++pattern)
    EXPECT_EQ(decoded_bits(kind(), pattern), expected[pattern]) << "pattern " << pattern;
}

void expect_encoded(SmallFloatKind kind, double value, uint64_t plain, uint64_t saturated) {
  EXPECT_EQ(encode_small_float(kind, value), plain) << value;
  EXPECT_EQ(encode_small_float(kind, value, true), saturated) << value;
}

// All but E8M0, which has roundings of its own.
class RoundedFloats : public SmallFloats {};

TEST_P(RoundedFloats, ValuesAreRoundedToNearestEven) {
  for (const std::string& line : section("encode " + name())) {
    const auto columns = numbers(line);
    const float value = std::bit_cast<float>(static_cast<uint32_t>(columns.at(0)));
    expect_encoded(kind(), static_cast<double>(value), columns.at(1), columns.at(2));
  }
}

TEST_P(SmallFloats, EveryFinitePatternSurvives) {
  const uint32_t count = is_wide() ? 65536 : name() == "f4e2m1" ? 16 : 256;
  for (uint32_t pattern = 0; pattern < count; ++pattern) {
    const float value = decode_small_float(kind(), pattern);
    if (std::isnan(value)) continue;
    ASSERT_EQ(encode_small_float(kind(), static_cast<double>(value)), pattern);
  }
}

std::string name_of_kind(const testing::TestParamInfo<int>& kind) {
  return kNames[static_cast<size_t>(kind.param)];
}
INSTANTIATE_TEST_SUITE_P(Kinds, SmallFloats, testing::Range(0, 8), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Kinds, RoundedFloats, testing::Values(0, 1, 2, 3, 4, 5, 7), name_of_kind);

TEST(SmallFloat, DoublesAreRoundedOnce) {
  for (const std::string& line : section("double f16")) {
    const auto columns = numbers(line);
    expect_encoded(SmallFloatKind::kFloat16, std::bit_cast<double>(columns.at(0)), columns.at(1),
                   columns.at(2));
  }
}

TEST(SmallFloat, ScalesAreRoundedAsAsked) {
  for (const std::string& line : section("scales")) {
    const auto columns = numbers(line);
    const double value = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(columns.at(0))));
    EXPECT_EQ(encode_scale(value, ScaleRounding::kUp, true), columns.at(1)) << value;
    EXPECT_EQ(encode_scale(value, ScaleRounding::kDown, true), columns.at(2)) << value;
    EXPECT_EQ(encode_scale(value, ScaleRounding::kNearest, true), columns.at(3)) << value;
  }
}

// The table in the text of ONNX's Cast, columns "saturate + up" and "non-saturate + nearest".
TEST(SmallFloat, ScalesOfSpecialValues) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto saturated = [](double value) { return encode_scale(value, ScaleRounding::kUp, true); };
  const auto plain = [](double value) { return encode_scale(value, ScaleRounding::kNearest, false); };
  EXPECT_EQ(saturated(0), 0x00U);
  EXPECT_EQ(saturated(nan), 0xFFU);
  EXPECT_EQ(saturated(infinity), 0xFEU);
  EXPECT_EQ(saturated(std::ldexp(1.5, 127)), 0xFEU);
  EXPECT_EQ(saturated(std::ldexp(1.0, -140)), 0x00U);
  EXPECT_EQ(plain(0), 0xFFU);
  EXPECT_EQ(plain(nan), 0xFFU);
  EXPECT_EQ(plain(infinity), 0xFFU);
  EXPECT_EQ(plain(std::ldexp(1.5, 127)), 0xFFU);
  EXPECT_EQ(plain(std::ldexp(1.0, -140)), 0xFFU);
}

// Cast's tables for float8: a negative NaN keeps its sign where the format has one.
TEST(SmallFloat, SignsOfNan) {
  const double nan = std::copysign(std::numeric_limits<double>::quiet_NaN(), -1.0);
  EXPECT_EQ(encode_small_float(SmallFloatKind::kFloat8e4m3fn, nan), 0xFFU);
  EXPECT_EQ(encode_small_float(SmallFloatKind::kFloat8e4m3fnuz, nan), 0x80U);
  EXPECT_EQ(encode_small_float(SmallFloatKind::kFloat8e5m2, nan) & 0xFC, 0xFCU);
  EXPECT_EQ(encode_small_float(SmallFloatKind::kFloat8e5m2fnuz, nan), 0x80U);
}

TEST(SmallFloat, StorageTypesCompareByValue) {
  EXPECT_TRUE(Float16(0.0) == Float16(-0.0));
  EXPECT_FALSE(Float16::from_bits(0x7E00) == Float16::from_bits(0x7E00));
  EXPECT_EQ(static_cast<float>(Bfloat16(1.0)), 1.0F);
}

}  // namespace
}  // namespace slipway
