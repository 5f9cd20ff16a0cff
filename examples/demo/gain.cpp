// slipway_gain TRUTH ENLARGED BICUBIC…: how close an enlarged photograph comes to the true one, in dB, and
// how much closer that is than the best of the bicubic enlargements. `make demo` prints this for its
// pictures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "base/error.hpp"
#include "image/read_picture.hpp"

namespace {

using slipway::Picture;

// Nobody sees the outermost pixels as part of the photograph; the literature leaves out twice the scale.
constexpr uint32_t kBorder = 6;

// BT.601's luma of pixel x, unrounded, 0 to 255.
double luma(std::span<const uint8_t> row, uint32_t x) {
  const uint8_t* pixel = row.data() + size_t{3} * x;
  return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

// Of the luma, in dB; infinite for equal pictures. Both have 8 bits and one size, larger than its borders.
double psnr(const Picture& picture, const Picture& truth) {
  double sum = 0;
  for (uint32_t y = kBorder; y < truth.height() - kBorder; ++y)
    for (uint32_t x = kBorder; x < truth.width() - kBorder; ++x) {
      const double difference = luma(picture.row<uint8_t>(y), x) - luma(truth.row<uint8_t>(y), x);
      sum += difference * difference;
    }
  const double pixels =
      static_cast<double>(truth.height() - 2 * kBorder) * static_cast<double>(truth.width() - 2 * kBorder);
  return 10 * std::log10(255.0 * 255.0 * pixels / sum);
}

Picture read_rgb(const std::filesystem::path& path) {
  Picture picture = slipway::read_picture(path);
  if (picture.channels() != 3 || picture.depth() != 8 ||
      std::min(picture.width(), picture.height()) <= 2 * kBorder)
    slipway::fail(slipway::ErrorCode::kInvalidArgument,
                  "{}: an RGB picture of 8 bits and more than {} pixels a side is expected", path.string(),
                  2 * kBorder);
  return picture;
}

double psnr_of_file(const std::filesystem::path& path, const Picture& truth) {
  const Picture picture = read_rgb(path);
  if (picture.layout() != truth.layout())
    slipway::fail(slipway::ErrorCode::kInvalidArgument, "{}: {}x{} pixels, but the truth has {}x{}",
                  path.string(), picture.width(), picture.height(), truth.width(), truth.height());
  return psnr(picture, truth);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: slipway_gain TRUTH ENLARGED BICUBIC...\n");
    return 2;
  }
  try {
    const Picture truth = read_rgb(argv[1]);
    const double enlarged = psnr_of_file(argv[2], truth);
    double bicubic = 0;
    for (int i = 3; i < argc; ++i) bicubic = std::max(bicubic, psnr_of_file(argv[i], truth));
    fmt::print("{:.2f} dB, bicubic {:.2f} dB: gain {:+.2f} dB\n", enlarged, bicubic, enlarged - bicubic);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "slipway_gain: {}\n", error.what());
    return 1;
  }
}
