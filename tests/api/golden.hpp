// The models and numbers that the tests of the public API read.
#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

inline std::string source_file(const std::string& name) {
  return std::string(SLIPWAY_SOURCE_DIR) + "/" + name;
}

inline std::string golden_model(const std::string& name) {
  return source_file("tests/golden/api/" + name + ".onnx");
}

inline const std::string kSrcnn = source_file("models/srcnn/srcnn_x3.onnx");

// The elements of an f32 .npy file of version 1; its shape is known to who asks.
inline std::vector<float> npy_floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (bytes.size() < 10 || bytes.find("'<f4'") == std::string::npos) return {};
  const size_t header =
      10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
  std::vector<float> elements((bytes.size() - header) / sizeof(float));
  std::memcpy(elements.data(), bytes.data() + header, elements.size() * sizeof(float));
  return elements;
}
