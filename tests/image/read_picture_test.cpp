// Every kind of picture against the samples that Pillow and pypng read from it. All are equal, JPEG and lossy
// WebP among them: the inverse transforms of their libraries are exact by design, and so they agree between
// versions.
#include "image/read_picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"
#include "image/golden_pictures.hpp"

namespace slipway {
namespace {

using ::testing::HasSubstr;

class GoldenPicture : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenPicture, HasItsSamples) {
  const GoldenSamples expected = golden_samples(GetParam());
  if (expected.bytes.empty()) {
    EXPECT_THROW(read_picture(golden_path(GetParam())), Error);
    return;
  }
  const Picture picture = read_picture(golden_path(GetParam()));
  ASSERT_EQ(picture.width(), expected.layout.width);
  ASSERT_EQ(picture.height(), expected.layout.height);
  ASSERT_EQ(picture.channels(), expected.layout.channels);
  ASSERT_EQ(picture.depth(), expected.layout.depth);
  const std::span<const std::byte> samples = picture.bytes();
  ASSERT_EQ(samples.size(), expected.bytes.size());
  const auto [ours, theirs] = std::mismatch(samples.begin(), samples.end(), bytes_of(expected.bytes).begin());
  EXPECT_TRUE(ours == samples.end()) << "byte " << ours - samples.begin() << " is "
                                     << std::to_integer<int>(*ours) << ", expected "
                                     << std::to_integer<int>(*theirs);
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, GoldenPicture, ::testing::ValuesIn(golden_pictures()), test_name);

TEST(ReadPicture, NamesTheFileAndTheReason) {
  try {
    read_picture(SLIPWAY_SOURCE_DIR "/tests/golden/make_pictures.py");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidPicture);
    EXPECT_THAT(error.what(), HasSubstr("make_pictures.py"));
    EXPECT_THAT(error.what(), HasSubstr("not a PNG, JPEG, WebP, BMP, PNM, TIFF or JPEG 2000"));
  }
}

TEST(ReadPicture, NamesFormatsThatItDoesNotRead) {
  const std::pair<std::string, std::string> cases[] = {
      {"GIF89a......", "GIF"}, {"....ftypavif....", "AVIF"}, {"....ftypheic....", "HEIC"}};
  for (const auto& [file, format] : cases) {
    const Error error = error_of(file);
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr(format));
  }
  EXPECT_THAT(error_of("").what(), HasSubstr("empty"));
  EXPECT_THAT(error_of(read_whole(golden_path("animated.webp"))).what(), HasSubstr("animated"));
}

TEST(ReadPicture, LeavesTheOrientationWhereItIsAskedTo) {
  const std::string file = read_whole(golden_path("oriented6.jpg"));
  const Picture upright = decode_picture(bytes_of(file)), stored = decode_stored_picture(bytes_of(file));
  EXPECT_EQ(stored.width(), upright.height());
  EXPECT_EQ(stored.height(), upright.width());
}

TEST(ReadPicture, KeepsTheLimits) {
  for (const char* name :
       {"rgb8.png", "rgb16_interlaced.png", "rgb_420_progressive.jpg", "lossless.webp", "palette4.bmp",
        "run_length8.bmp", "rgba16.pam", "text_grey.pgm", "rgb16_big_endian.tiff", "rgb_in_tiles.tiff"}) {
    if (!is_read(name)) continue;
    const std::string file = read_whole(golden_path(name));
    const PictureLayout layout = golden_samples(name).layout;
    EXPECT_NO_THROW(decode_picture(bytes_of(file), {layout.pixels(), layout.bytes()}));
    const Error pixels = error_of(file, {layout.pixels() - 1, layout.bytes()});
    EXPECT_EQ(pixels.code(), ErrorCode::kOutOfMemory);
    EXPECT_THAT(pixels.what(), HasSubstr("limit of " + std::to_string(layout.pixels() - 1) + " pixels"));
    const Error bytes = error_of(file, {layout.pixels(), layout.bytes() - 1});
    EXPECT_EQ(bytes.code(), ErrorCode::kOutOfMemory);
    EXPECT_THAT(bytes.what(), HasSubstr("limit of " + std::to_string(layout.bytes() - 1) + " bytes"));
  }
}

}  // namespace
}  // namespace slipway
