// The models that tests/golden/onnx/make.py wrote with onnx's own package.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/temporary_folder.hpp"
#include "graph/model.hpp"

namespace slipway::testing {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/onnx" / name;
}

inline std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline const Tensor& initializer(const Model& model, std::string_view name) {
  return *model.graph->find_value(name)->initializer();
}

// What `body` throws as an Error; "" when nothing is thrown.
template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace slipway::testing
