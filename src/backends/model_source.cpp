#include "backends/model_source.hpp"

#include "base/error.hpp"
#include "graph/validate.hpp"
#include "passes/passes.hpp"
#include "torch/exported_program.hpp"
#include "torch/import_program.hpp"

namespace slipway::backends {

slipway::Model read_model_file(const std::filesystem::path& path, const ReadOptions& options) {
  if (!torch::is_exported_program(path)) return read_model(path, options);
  slipway::Model model = torch::import_program(path).model;
  passes::tidy(model, ops::standard_operators());
  return model;
}

ModelSource open_model(const std::filesystem::path& path) {
  const bool is_onnx = !torch::is_exported_program(path);
  auto model = std::make_shared<slipway::Model>(read_model_file(path));
  with_context([&] { return "file '" + path.string() + "'"; }, [&] { validate(*model); });
  return {is_onnx ? path : std::filesystem::path(), std::move(model)};
}

}  // namespace slipway::backends
