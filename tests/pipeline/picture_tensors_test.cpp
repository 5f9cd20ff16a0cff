// The arithmetic of docs/pipeline.md, sample by sample.
#include "pipeline/picture_tensors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.hpp"

namespace slipway::pipeline {
namespace {

Picture random_picture(uint32_t width, uint32_t height, int channels, int depth) {
  Picture picture({.width = width, .height = height, .channels = channels, .depth = depth});
  std::mt19937 random(9);
  for (std::byte& byte : picture.bytes()) byte = static_cast<std::byte>(random());
  return picture;
}

PictureTensor plain(Color color = Color::kRgb) {
  PictureTensor tensor;
  tensor.color = color;
  tensor.mean.assign(static_cast<size_t>(tensor.channels()), 0.0);
  tensor.std_deviation.assign(static_cast<size_t>(tensor.channels()), 1.0);
  return tensor;
}

Description description(const PictureTensor& tensor, int scale = 1) {
  Description d;
  d.input = d.output = tensor;
  d.scale = scale;
  return d;
}

// Through the tensor and back without a network between.
std::vector<std::byte> there_and_back(const Picture& picture, const Description& d,
                                      DataType type = DataType::kFloat) {
  const auto converted = to_tensor(picture, d.input, type);
  PictureRows rows(converted.tensor, d, picture.layout(), converted);
  std::vector<std::byte> bytes;
  for (uint32_t y = 0; y < rows.layout().height; ++y) {
    const auto row = rows.next();
    bytes.insert(bytes.end(), row.begin(), row.end());
  }
  return bytes;
}

TEST(PictureTensors, NormalisesByRangeMeanAndDeviation) {
  const Picture picture = random_picture(5, 4, 3, 8);
  PictureTensor tensor = plain(Color::kBgr);
  tensor.range = {-1, 1};
  tensor.mean = {0.1, 0.2, 0.3};
  tensor.std_deviation = {2, 4, 0.5};
  const auto converted = to_tensor(picture, tensor, DataType::kFloat);
  ASSERT_EQ(converted.tensor.dims(), (Dims{1, 3, 4, 5}));
  for (int64_t channel = 0; channel < 3; ++channel)
    for (int64_t y = 0; y < 4; ++y)
      for (int64_t x = 0; x < 5; ++x) {
        const double sample = picture.row<uint8_t>(uint32_t(y))[size_t(x * 3 + 2 - channel)];
        const double expected =
            (-1 + 2 * sample / 255 - tensor.mean[size_t(channel)]) / tensor.std_deviation[size_t(channel)];
        EXPECT_FLOAT_EQ(converted.tensor.data<float>()[size_t((channel * 4 + y) * 5 + x)], float(expected));
      }
}

TEST(PictureTensors, NothingChangesOnTheWayThereAndBack) {
  for (int depth : {8, 16})
    for (int channels : {3, 4})
      for (Layout layout : {Layout::kNchw, Layout::kNhwc})
        for (Color color : {Color::kRgb, Color::kBgr}) {
          const Picture picture = random_picture(7, 6, channels, depth);
          PictureTensor tensor = plain(color);
          tensor.layout = layout;
          const auto bytes = picture.bytes();
          EXPECT_EQ(there_and_back(picture, description(tensor)),
                    std::vector<std::byte>(bytes.begin(), bytes.end()));
        }
}

TEST(PictureTensors, LumaAndColourDifferencesGiveTheColoursBack) {
  const Picture picture = random_picture(9, 8, 3, 8);
  const auto back = there_and_back(picture, description(plain(Color::kLuma)));
  for (size_t i = 0; i < back.size(); ++i)
    EXPECT_LE(std::abs(static_cast<int>(back[i]) - static_cast<int>(picture.bytes()[i])), 1);
}

TEST(PictureTensors, GreyIsThreeEqualColours) {
  const Picture picture = random_picture(3, 2, 1, 8);
  const auto back = there_and_back(picture, description(plain()));
  ASSERT_EQ(back.size(), 18u);
  for (size_t i = 0; i < back.size(); ++i) EXPECT_EQ(back[i], picture.bytes()[i / 3]);
}

TEST(PictureTensors, ClipsRoundsAndTurnsNaNToBlack) {
  const PictureLayout source{.width = 1, .height = 1, .channels = 3, .depth = 8};
  Description d = description(plain());
  const auto rows_of = [&](std::vector<float> values) {
    PictureRows rows(Tensor::from<float>({1, 3, 1, 1}, values), d, source, {});
    const auto row = rows.next();
    return std::vector<int>{int(row[0]), int(row[1]), int(row[2])};
  };
  EXPECT_EQ(rows_of({NAN, -3, 7}), (std::vector<int>{0, 0, 255}));
  EXPECT_EQ(rows_of({0.5f / 255, 1.5f / 255, 100.6f / 255}), (std::vector<int>{0, 2, 101}));
  d.rounding = Rounding::kTruncate;
  EXPECT_EQ(rows_of({0.9f / 255, 1.9f / 255, 100.6f / 255}), (std::vector<int>{0, 1, 100}));
}

TEST(PictureTensors, RefusesAnOutputOfAnotherSize) {
  const PictureLayout source{.width = 2, .height = 2, .channels = 3, .depth = 8};
  EXPECT_THROW(PictureRows(Tensor(DataType::kFloat, {1, 3, 2, 3}), description(plain()), source, {}), Error);
}

TEST(PlaneEnlarger, KeepsConstantsAndInterpolatesBetweenSamples) {
  Plane plane{3, 4, CountedVector<float>(12, 42.0f)};
  PlaneEnlarger constant(plane, 3);
  for (int64_t y = 0; y < 9; ++y)
    for (float value : constant.row(y)) EXPECT_NEAR(value, 42.0f, 1e-4f);
  // Bicubic reproduces a ramp away from the border.
  Plane ramp{1, 12, {}};
  for (int i = 0; i < 12; ++i) ramp.values.push_back(float(i));
  PlaneEnlarger enlarged(ramp, 2);
  const auto& row = enlarged.row(0);
  for (size_t x = 6; x < 18; ++x) EXPECT_NEAR(row[x], (float(x) + 0.5f) / 2 - 0.5f, 1e-4f);
}

}  // namespace
}  // namespace slipway::pipeline
