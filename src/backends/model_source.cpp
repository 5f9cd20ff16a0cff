#include "backends/model_source.hpp"

#include "base/error.hpp"
#include "graph/validate.hpp"

namespace slipway::backends {

slipway::Model read_model_file(const std::filesystem::path& path, const ReadOptions& options) {
  return read_model(path, options);
}

ModelSource open_model(const std::filesystem::path& path) {
  auto model = std::make_shared<slipway::Model>(read_model_file(path));
  with_context([&] { return "file '" + path.string() + "'"; }, [&] { validate(*model); });
  return {path, std::move(model)};
}

}  // namespace slipway::backends
