// A picture through the C API. What the pixels must be is tests/oracles' question.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "golden.hpp"
#include "handles.hpp"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ApiPicture : public ::testing::Test {
 protected:
  ApiPicture() {
    std::string pattern = ::testing::TempDir() + "slipway-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ApiPicture() override { std::filesystem::remove_all(folder_); }

  std::string output() const { return (folder_ / "out.png").string(); }

  std::filesystem::path folder_;
  const std::string picture_ = source_file("examples/pictures/chelsea_lr.png");
};

// Width or height, as a PNG's header states them.
uint32_t png_size(const std::string& path, std::streamoff offset) {
  std::ifstream file(path, std::ios::binary);
  unsigned char bytes[4] = {};
  file.seekg(offset);
  file.read(reinterpret_cast<char*>(bytes), 4);
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

TEST_F(ApiPicture, BecomesThreeTimesLarger) {
  const auto model = load(kSrcnn);
  ASSERT_EQ(slipway_run_picture(model.get(), picture_.c_str(), output().c_str(), nullptr), SLIPWAY_OK)
      << slipway_last_error();
  for (const std::streamoff offset : {16, 20}) {
    EXPECT_GT(png_size(picture_, offset), 0U);
    EXPECT_EQ(png_size(output(), offset), 3 * png_size(picture_, offset));
  }
}

TEST_F(ApiPicture, WhatCannotBeDone) {
  const auto model = load(kSrcnn);
  const auto ports = load(golden_model("ports"));
  EXPECT_EQ(slipway_run_picture(ports.get(), picture_.c_str(), output().c_str(), nullptr),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("ports.onnx"), HasSubstr("pipeline")));
  EXPECT_EQ(slipway_run_picture(model.get(), kSrcnn.c_str(), output().c_str(), nullptr),
            SLIPWAY_INVALID_PICTURE);
  EXPECT_EQ(slipway_run_picture(model.get(), "not/there.png", output().c_str(), nullptr), SLIPWAY_NOT_FOUND);
  slipway_cancellation* cancellation = nullptr;
  ASSERT_EQ(slipway_cancellation_create(&cancellation), SLIPWAY_OK);
  const Owned<slipway_cancellation> owned(cancellation);
  slipway_cancel(cancellation);
  EXPECT_EQ(slipway_run_picture(model.get(), picture_.c_str(), output().c_str(), cancellation),
            SLIPWAY_CANCELLED);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
