#include "api/model.hpp"

#include "api/model_options.hpp"
#include "api/status.hpp"
#include "backends/model_source.hpp"

namespace slipway::api {
namespace {

MaybeDescription find_description(const backends::ModelSource& source) {
  try {
    return with_context([&] { return "file '" + source.path.string() + "'"; },
                        [&] { return pipeline::description_of(*source.model); });
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace
}  // namespace slipway::api

using namespace slipway;
using namespace slipway::api;

slipway_model::slipway_model(std::unique_ptr<backends::Executable> made, MaybeDescription stated)
    : executable(std::move(made)),
      inputs(c_ports(executable->inputs())),
      outputs(c_ports(executable->outputs())),
      description(std::move(stated)) {}

slipway_status slipway_model_load(const char* path, const slipway_model_options* options,
                                  slipway_model** model) {
  return guarded([&] {
    auto& out = not_null(model, "model");
    const ModelOptions wanted = read_options(options);
    const auto& backend = backends::find_backend(wanted.backend);
    const MemoryScope scope(wanted.compile.memory);
    const auto source = backends::open_model(&not_null(path, "path"));
    auto executable = backend.compile(source, wanted.compile);
    out = new slipway_model(std::move(executable), find_description(source));
  });
}

void slipway_model_free(slipway_model* model) {
  delete model;
}
