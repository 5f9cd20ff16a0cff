#include "backends/model_source.hpp"

#include "base/error.hpp"
#include "graph/validate.hpp"
#include "onnx/read_model.hpp"

namespace slipway::backends {

ModelSource open_model(const std::filesystem::path& path) {
  auto model = std::make_shared<slipway::Model>(read_model(path));
  with_context([&] { return "file '" + path.string() + "'"; }, [&] { validate(*model); });
  return {path, std::move(model)};
}

}  // namespace slipway::backends
