#include "image/orientation.hpp"

#include <gtest/gtest.h>

#include <string>

#include "image/golden_pictures.hpp"

namespace slipway {
namespace {

using namespace std::string_literals;

Orientation orientation_of(const std::string& tiff) {
  return read_orientation(bytes_of(tiff));
}

const std::string kHeader = "II*\0\x08\0\0\0"s;
const std::string kOneEntry = kHeader + "\x01\0"s;

TEST(Orientation, ReadsBothByteOrders) {
  EXPECT_EQ(orientation_of(kOneEntry + "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s), Orientation::kTurnClockwise);
  EXPECT_EQ(orientation_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0"s),
            Orientation::kTurnAnticlockwise);
}

TEST(Orientation, IsUprightWhereTheTagMakesNoSense) {
  const std::string senseless[] = {
      "",
      "I",
      "II*\0"s,
      "XX*\0\x08\0\0\0"s + "\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s,
      kHeader,
      "II*\0\xff\xff\xff\xff"s,                                // the directory is outside
      kHeader + "\xff\xff"s,                                   // 65535 entries, none there
      kOneEntry + "\x12\x01\x03\0\x01\0\0\0\x06\0\0"s,         // a byte short
      kOneEntry + "\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"s,       // a value that does not exist
      kOneEntry + "\x12\x01\x03\0\x01\0\0\0\0\0\0\0"s,         //
      kOneEntry + "\x12\x01\x04\0\x01\0\0\0\x06\0\0\0"s,       // another type
      kOneEntry + "\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0"s  // another count
  };
  for (const std::string& tiff : senseless) EXPECT_EQ(orientation_of(tiff), Orientation::kUpright);
}

// Two by three pixels, numbered; the rows that each orientation must give, from EXIF's definition.
TEST(Orientation, TurnsPixelsOfEverySize) {
  const std::pair<Orientation, std::string> cases[] = {
      {Orientation::kUpright, "ab|cd|ef"},    {Orientation::kMirrored, "ba|dc|fe"},
      {Orientation::kTurned180, "fe|dc|ba"},  {Orientation::kFlipped, "ef|cd|ab"},
      {Orientation::kTransposed, "ace|bdf"},  {Orientation::kTurnClockwise, "eca|fdb"},
      {Orientation::kTransversed, "fdb|eca"}, {Orientation::kTurnAnticlockwise, "bdf|ace"},
  };
  for (const auto& [orientation, expected] : cases)
    for (const int depth : {8, 16})
      for (int channels = 1; channels <= 4; ++channels) {
        Picture picture({.width = 2, .height = 3, .channels = channels, .depth = depth});
        const size_t pixel = picture.layout().pixel_bytes();
        for (size_t i = 0; i < picture.bytes().size(); ++i)
          picture.bytes()[i] = static_cast<std::byte>('a' + i / pixel);
        const Picture turned = upright(std::move(picture), orientation);
        std::string seen;
        for (uint32_t y = 0; y < turned.height(); ++y) {
          if (y > 0) seen += '|';
          for (uint32_t x = 0; x < turned.width(); ++x)
            seen += static_cast<char>(turned.row<const std::byte>(y)[x * pixel + pixel - 1]);
        }
        EXPECT_EQ(seen, expected) << channels << " channels of " << depth << " bits";
      }
}

}  // namespace
}  // namespace slipway
