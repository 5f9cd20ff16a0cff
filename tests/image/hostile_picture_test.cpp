// Damaged pictures: an error or a picture, never a crash. Run under AddressSanitizer to make the most of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <random>
#include <string>

#include "base/error.hpp"
#include "image/golden_pictures.hpp"
#include "image/jpeg2000_codestream.hpp"
#include "image/read_picture.hpp"

namespace slipway {
namespace {

using ::testing::HasSubstr;

constexpr PictureLimits kSmall{.max_pixels = 1'000'000, .max_bytes = 8'000'000};

// Up to where a file says something of its samples. Of numbers as text the last one may be cut without a
// trace; these TIFFs end with four bytes that say that no other picture follows.
size_t telling_bytes(const std::string& name, const std::string& file) {
  if (name.starts_with("bits_") && name.ends_with(".tiff")) return file.size() - 4;
  if (!name.starts_with("text_")) return file.size();
  return file.find_last_of(" \n", file.find_last_not_of(" \n")) + 1;
}

TEST(HostilePicture, EveryTruncationIsAnError) {
  for (const std::string& name : golden_pictures()) {
    const std::string file = read_whole(golden_path(name));
    for (size_t size = 0; size < telling_bytes(name, file); ++size)
      EXPECT_THROW(decode_picture(bytes_of(file).first(size), kSmall), Error) << name << " of " << size;
  }
}

// Replaces big-endian fields, as PNG and JPEG have them.
void put(std::string& file, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) file[at + i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
}

uint32_t crc(const std::string& text) {
  uint32_t value = ~0U;
  for (const char letter : text) {
    value ^= static_cast<uint8_t>(letter);
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value % 2 != 0 ? 0xedb88320U : 0U);
  }
  return ~value;
}

// Puts right checksums into the chunks of a PNG, as far as they can be followed, so that a mutation reaches
// what lies behind the checksum.
void repair_checksums(std::string& file) {
  for (size_t at = 8; at + 12 <= file.size();) {
    size_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(file[at + i]);
    if (size > file.size() - at - 12) return;
    put(file, at + 8 + size, crc(file.substr(at + 4, size + 4)), 4);
    at += size + 12;
  }
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  // One to eight changes: a byte set or a bit flipped, some bytes repeated or left out.
  std::string mutate(std::string file) {
    for (size_t changes = below(8) + 1; changes > 0; --changes) {
      const size_t at = below(file.size());
      const size_t count = below(16) + 1;
      switch (below(4)) {
        case 0:
          file[at] = static_cast<char>(below(256));
          break;
        case 1:
          file[at] = static_cast<char>(file[at] ^ (1 << below(8)));
          break;
        case 2:
          file.insert(at, file.substr(below(file.size()), count));
          break;
        default:
          if (file.size() > count) file.erase(at, count);
      }
    }
    return file;
  }
  size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }

 private:
  std::mt19937 random_;
};

class HostileFormat : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileFormat, SurvivesMutations) {
  constexpr int kMutations = 2000;
  const std::vector<std::string> names = golden_pictures(GetParam());
  ASSERT_FALSE(names.empty());
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back(read_whole(golden_path(name)));
  Mutator mutator(20261124);
  int pictures = 0;
  for (int i = 0; i < kMutations; ++i) {
    std::string file = mutator.mutate(files[mutator.below(files.size())]);
    if (GetParam() == std::string(".png") && i % 4 != 0) repair_checksums(file);
    try {
      const Picture picture = decode_picture(bytes_of(file), kSmall);
      pictures += picture.width() > 0;
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal) << error.what();
    }
  }
  RecordProperty("pictures", pictures);
}

INSTANTIATE_TEST_SUITE_P(All, HostileFormat,
                         ::testing::Values(".png", ".jpg", ".webp", ".bmp", ".pbm", ".pgm", ".ppm", ".pam"
#ifndef SLIPWAY_WITHOUT_TIFF
                                           ,
                                           ".tiff"
#endif
#ifndef SLIPWAY_WITHOUT_JPEG2000
                                           ,
                                           ".jp2", ".j2k"
#endif
                                           ),
                         [](const auto& format) { return std::string(format.param).substr(1); });

#ifndef SLIPWAY_WITHOUT_JPEG2000
// The places of the boxes and of the last tile's part in this file of six tiles.
class TiledJpeg2000 : public ::testing::Test {
 protected:
  const std::string file_ = read_whole(golden_path("tiles.jp2"));
  const size_t box_ = file_.find("jp2c") - 4, last_tile_ = file_.rfind("\xff\x90");
  std::string cut(size_t size) const {
    std::string file = file_.substr(0, size) + "\xff\xd9";
    put(file, box_, file.size() - box_, 4);
    return file;
  }
};

TEST_F(TiledJpeg2000, IsRefusedWithoutATileEvenIfItEndsProperly) {
  EXPECT_EQ(error_of(cut(last_tile_), kSmall).code(), ErrorCode::kInvalidPicture);
}

TEST_F(TiledJpeg2000, MayReachToTheEndOfTheFileOrBeFollowedByMore) {
  const Picture whole = decode_picture(bytes_of(file_), kSmall);
  std::string open = file_;
  put(open, box_, 0, 4);
  for (const std::string& file : {open, open + "more", file_ + std::string("\0\0\0\x0buuidabc", 11)}) {
    const Picture again = decode_picture(bytes_of(file), kSmall);
    EXPECT_TRUE(std::ranges::equal(again.row<uint8_t>(20), whole.row<uint8_t>(20)));
  }
}

TEST(Jpeg2000Codestream, NamesHowManyTilesAreMissing) {
  const std::string file = read_whole(golden_path("tiles.jp2"));
  EXPECT_NO_THROW(require_tiles(bytes_of(file), 6));
  EXPECT_THAT([&] { require_tiles(bytes_of(file), 8); },
              ::testing::ThrowsMessage<Error>(HasSubstr("2 of its 8 tiles are missing")));
  const size_t last_tile = file.rfind("\xff\x90");
  EXPECT_THAT([&] { require_tiles(bytes_of(file.substr(0, last_tile)), 6); },
              ::testing::ThrowsMessage<Error>(HasSubstr("ends before its codestream does")));
}
#endif

std::string png_of_size(const char* name, uint64_t width, uint64_t height) {
  std::string file = read_whole(golden_path(name));
  put(file, 16, width, 4);
  put(file, 20, height, 4);
  put(file, 29, crc(file.substr(12, 17)), 4);
  return file;
}

std::string jpeg_of_size(const char* name, uint64_t width, uint64_t height) {
  std::string file = read_whole(golden_path(name));
  const size_t frame = std::min(file.find("\xff\xc0"), file.find("\xff\xc2"));
  put(file, frame + 5, height, 2);
  put(file, frame + 7, width, 2);
  return file;
}

long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Small files that state a large size, below the limit and above.
TEST(HostilePicture, StatedSizesCostNoMemory) {
  const long before = peak_kilobytes();
  EXPECT_EQ(error_of(png_of_size("rgba16.png", 0x7fffffff, 0x7fffffff)).code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(error_of(png_of_size("rgb8.png", 20000, 20000)).code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(error_of(png_of_size("rgb8.png", 10000, 10000)).what(), HasSubstr("cannot hold 10000x10000"));
  EXPECT_THAT(error_of(png_of_size("rgba8_interlaced.png", 100000000, 1)).what(), HasSubstr("cannot hold"));
  EXPECT_EQ(error_of(jpeg_of_size("rgb_420.jpg", 60000, 60000)).code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(error_of(jpeg_of_size("rgb_420.jpg", 10000, 10000)).code(), ErrorCode::kInvalidPicture);
  EXPECT_EQ(error_of(jpeg_of_size("rgb_444_progressive.jpg", 10000, 10000)).code(),
            ErrorCode::kInvalidPicture);
  EXPECT_LT(peak_kilobytes() - before, 64 * 1024);
}

void put_little(std::string& file, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) file[at + i] = static_cast<char>(value >> (8 * i));
}

std::string bmp_of_size(const char* name, uint64_t width, uint64_t height) {
  std::string file = read_whole(golden_path(name));
  put_little(file, 18, width, 4);
  put_little(file, 22, height, 4);
  return file;
}

std::string pnm_of_size(const std::string& kind, const std::string& size) {
  return kind + "\n" + size + "\n255\n1 2 3 4 5 6";
}

TEST(HostilePicture, StatedSizesOfPlainFormatsCostNoMemory) {
  const long before = peak_kilobytes();
  EXPECT_EQ(error_of(bmp_of_size("rgb24.bmp", 0x7fffffff, 0x7fffffff)).code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(error_of(bmp_of_size("rgb24.bmp", 10000, 10000)).what(), HasSubstr("truncated"));
  EXPECT_THAT(error_of(bmp_of_size("rgb24.bmp", 10000, 0x80000000)).what(), HasSubstr("no pixels"));
  EXPECT_EQ(error_of(bmp_of_size("run_length8.bmp", 100000, 100000)).code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(error_of(pnm_of_size("P6", "100000 100000")).code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(error_of(pnm_of_size("P6", "10000 10000")).what(), HasSubstr("truncated"));
  EXPECT_THAT(error_of(pnm_of_size("P3", "10000 10000")).what(), HasSubstr("truncated"));
  EXPECT_THAT(error_of(pnm_of_size("P6", "99999999999 1")).what(), HasSubstr("too large"));
  EXPECT_LT(peak_kilobytes() - before, 64 * 1024);
}

#ifndef SLIPWAY_WITHOUT_TIFF
// The width and the height are the first two tags of these files.
std::string tiff_of_size(const char* name, uint64_t width, uint64_t height) {
  std::string file = read_whole(golden_path(name));
  put_little(file, 12, 4, 2);  // numbers of 32 bits
  put_little(file, 18, width, 4);
  put_little(file, 24, 4, 2);
  put_little(file, 30, height, 4);
  return file;
}

TEST(HostilePicture, StatedSizesOfTiffsCostNoMemory) {
  const long before = peak_kilobytes();
  for (const char* name : {"grey8.tiff", "rgb_in_tiles.tiff", "rgb16_little_endian.tiff"}) {
    // Tiles that cannot be in the file are found before the limit is looked at.
    EXPECT_EQ(error_of(tiff_of_size(name, 100000, 100000)).code(),
              name == std::string("rgb_in_tiles.tiff") ? ErrorCode::kInvalidPicture : ErrorCode::kOutOfMemory)
        << name;
    EXPECT_EQ(error_of(tiff_of_size(name, 9000, 9000)).code(), ErrorCode::kInvalidPicture) << name;
  }
  EXPECT_LT(peak_kilobytes() - before, 64 * 1024);
}
#endif

#ifndef SLIPWAY_WITHOUT_JPEG2000
TEST(HostilePicture, StatedSizesOfJpeg2000sCostNoMemory) {
  const long before = peak_kilobytes();
  for (const uint64_t side : {0x7fffffffU, 6000U}) {
    std::string file = read_whole(golden_path("bare.j2k"));
    put(file, 8, side, 4);  // Xsiz, Ysiz, and the tile's
    put(file, 12, side, 4);
    put(file, 24, side, 4);
    put(file, 28, side, 4);
    const ErrorCode expected = side > 6000 ? ErrorCode::kOutOfMemory : ErrorCode::kInvalidPicture;
    EXPECT_EQ(error_of(file).code(), expected) << side;
  }
  EXPECT_LT(peak_kilobytes() - before, 64 * 1024);
}
#endif

// A scan costs work in proportion to the picture and may be a few bytes long.
TEST(HostilePicture, LimitsTheScansOfAJpeg) {
  const std::string file = read_whole(golden_path("grey_progressive.jpg"));
  const size_t scan = file.find("\xff\xda");
  const size_t next = file.find("\xff\xc4", scan);
  std::string many = file.substr(0, scan);
  for (int i = 0; i < 200; ++i) many += file.substr(scan, next - scan);
  EXPECT_THAT(error_of(many + file.substr(next)).what(), HasSubstr("scans"));
}

}  // namespace
}  // namespace slipway
