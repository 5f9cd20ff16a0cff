// ImageDecoder. The pictures are those of tests/golden/pictures; what Grayscale makes of colours is Pillow's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/golden_pictures.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Type kBytes = Type::tensor(DataType::kUint8, Shape{Dim::symbol("n")});

Tensor decode(const std::string& file, const std::string& format) {
  const OneOperator decoder("ImageDecoder", {kBytes}, {{"pixel_format", format}});
  EXPECT_EQ(decoder.output_type(), format == "Grayscale" ? "u8[?,?,1]" : "u8[?,?,3]");
  return decoder.run({Tensor::from<uint8_t>({static_cast<int64_t>(file.size())},
                                            std::vector<uint8_t>(file.begin(), file.end()))});
}

std::string pnm(const std::string& head, std::initializer_list<int> samples) {
  std::string file = head + "\n";
  for (const int sample : samples) file += static_cast<char>(sample);
  return file;
}

TEST(ImageDecoder, OrdersChannels) {
  const std::string file = pnm("P6 2 1 255", {1, 2, 3, 250, 100, 50});
  EXPECT_EQ(decode(file, "RGB").dims(), (Dims{1, 2, 3}));
  EXPECT_THAT(decode(file, "RGB").data<uint8_t>(), ElementsAre(1, 2, 3, 250, 100, 50));
  EXPECT_THAT(decode(file, "BGR").data<uint8_t>(), ElementsAre(3, 2, 1, 50, 100, 250));
  EXPECT_THAT(decode(file, "Grayscale").data<uint8_t>(), ElementsAre(2, 139));
  EXPECT_THAT(decode(pnm("P5 2 1 255", {7, 9}), "RGB").data<uint8_t>(), ElementsAre(7, 7, 7, 9, 9, 9));
  EXPECT_THAT(decode(pnm("P5 2 1 255", {7, 9}), "Grayscale").data<uint8_t>(), ElementsAre(7, 9));
}

TEST(ImageDecoder, LeavesOutAlphaAndTheLowerHalfOf16Bits) {
  const std::string rgba = "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nENDHDR";
  EXPECT_THAT(decode(pnm(rgba, {1, 2, 3, 4}), "RGB").data<uint8_t>(), ElementsAre(1, 2, 3));
  EXPECT_THAT(decode(pnm("P6 1 1 65535", {1, 255, 2, 0, 3, 128}), "RGB").data<uint8_t>(),
              ElementsAre(1, 2, 3));
}

TEST(ImageDecoder, TakesPixelsAsTheyAreStored) {
  EXPECT_EQ(decode(read_whole(golden_path("oriented6.jpg")), "RGB").dims(), (Dims{9, 14, 3}));
}

TEST(ImageDecoder, MakesAnEmptyPictureOfWhatIsNone) {
  for (const char* file : {"", "no picture", "P6 2 1 255\n123", "GIF89a", "P6 99999 99999 255\n"}) {
    EXPECT_EQ(decode(file, "BGR").dims(), (Dims{0, 0, 3})) << file;
    EXPECT_EQ(decode(file, "Grayscale").dims(), (Dims{0, 0, 1})) << file;
  }
}

TEST(ImageDecoder, RefusesOtherFormatsAndRanks) {
  const OneOperator cmyk("ImageDecoder", {kBytes}, {{"pixel_format", "CMYK"}});
  EXPECT_THAT([&] { cmyk.output_type(); }, ThrowsMessage<Error>(HasSubstr("pixel_format is 'CMYK'")));
  const OneOperator square("ImageDecoder", {Type::tensor(DataType::kUint8, Shape{2, 2})});
  EXPECT_THAT([&] { square.output_type(); }, ThrowsMessage<Error>(HasSubstr("the bytes of a file")));
  EXPECT_THAT([&] { square.run({Tensor(DataType::kUint8, {2, 2})}); },
              ThrowsMessage<Error>(HasSubstr("the bytes of a file")));
}

}  // namespace
}  // namespace slipway::ops
