// Where ONNX Runtime's shared library may be.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace slipway::backends::ort {

inline constexpr const char* kLibraryVariable = "SLIPWAY_ONNXRUNTIME";

// A place to try. A path without a folder is a name for the system's loader.
struct Candidate {
  std::filesystem::path path;
  // The user named it: when it does not load, nothing else is tried.
  bool explicitly_named = false;
};

// In this order: `requested` (if not empty), the environment variable SLIPWAY_ONNXRUNTIME; the system's
// loader; the wheel `onnxruntime` of the active virtual environment, of every python3 in PATH, of the user
// and of the distribution. A named folder stands for the library inside it. Python itself is never run.
std::vector<Candidate> library_candidates(const std::filesystem::path& requested);

}  // namespace slipway::backends::ort
