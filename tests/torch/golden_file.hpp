// The files that tests/golden/torch/make.py wrote with PyTorch.
#pragma once

#include <filesystem>
#include <string>

namespace slipway::torch {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden/torch" / name;
}

}  // namespace slipway::torch
