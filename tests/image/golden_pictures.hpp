// The pictures of tests/golden/pictures, made by tests/golden/make_pictures.py, and their samples.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "image/picture.hpp"
#include "image/read_picture.hpp"

namespace slipway {

struct GoldenSamples {
  PictureLayout layout;
  std::string bytes;  // as those of a Picture on a little-endian machine
};

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// What decoding fails with.
inline Error error_of(const std::string& file, const PictureLimits& limits = {}) {
  try {
    decode_picture(bytes_of(file), limits);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(ErrorCode::kInternal, "");
}

// Is the format read by this build?
inline bool is_read(const std::string& name) {
#ifdef SLIPWAY_WITHOUT_TIFF
  if (name.ends_with(".tiff")) return false;
#endif
#ifdef SLIPWAY_WITHOUT_JPEG2000
  if (name.ends_with(".jp2") || name.ends_with(".j2k")) return false;
#endif
  return !name.ends_with(".npy");
}

// Names such as "grey8.png", sorted; those that end in `ending`.
inline std::vector<std::string> golden_pictures(const std::string& ending = "") {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SLIPWAY_SOURCE_DIR "/tests/golden/pictures")) {
    const std::string name = entry.path().filename().string();
    if (is_read(name) && name.ends_with(ending)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/pictures" / name;
}

// What NAME must decode to; empty for a picture that must be refused.
inline GoldenSamples golden_samples(const std::string& name) {
  const std::string file = read_whole(golden_path(name + ".npy"));
  if (file.empty()) return {};
  constexpr size_t kPreamble = 10;  // magic, version, length of the header
  const size_t header =
      static_cast<uint8_t>(file[8]) + 256 * static_cast<size_t>(static_cast<uint8_t>(file[9]));
  const std::string text = file.substr(kPreamble, header);
  static const std::regex kHeader(R"(.*'descr': '(\|u1|<u2)'.*'shape': \((\d+), (\d+), (\d)\).*\s*)");
  std::smatch match;
  EXPECT_TRUE(std::regex_match(text, match, kHeader)) << text;
  return {.layout = {.width = static_cast<uint32_t>(std::stoul(match[3])),
                     .height = static_cast<uint32_t>(std::stoul(match[2])),
                     .channels = std::stoi(match[4]),
                     .depth = match[1] == "<u2" ? 16 : 8},
          .bytes = file.substr(kPreamble + header)};
}

}  // namespace slipway
