// slipway inspect CHECKPOINT: what `inspect` does with files that hold tensors and no graph.
#pragma once

#include <filesystem>

namespace slipway::cli {

void inspect_checkpoint(const std::filesystem::path& path, bool json);

}  // namespace slipway::cli
