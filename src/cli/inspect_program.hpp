// slipway inspect MODEL.pt2: what `inspect` does with exported programs of PyTorch's.
#pragma once

#include <filesystem>

namespace slipway::cli {

void inspect_program(const std::filesystem::path& path, bool json);

}  // namespace slipway::cli
