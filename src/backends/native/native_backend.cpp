#include "backends/native/native_backend.hpp"

#include "backends/native/native_executable.hpp"
#include "backends/native/obstacles.hpp"
#include "base/error.hpp"
#include "base/version.hpp"

namespace slipway::backends {
namespace {

class NativeBackend : public Backend {
 public:
  std::string_view name() const override { return "native"; }
  std::string unavailable_reason(const CompileOptions&) const override { return ""; }
  std::string version(const CompileOptions&) const override { return slipway::version(); }

  std::vector<Obstacle> obstacles(const slipway::Model& model, const CompileOptions& options) const override {
    return native_obstacles(model, options.known_operators());
  }

  std::unique_ptr<Executable> compile(const ModelSource& source,
                                      const CompileOptions& options) const override {
    const auto compile = [&] { return std::make_unique<NativeExecutable>(*source.model, options); };
    if (source.path.empty()) return compile();
    return with_context([&] { return "file '" + source.path.string() + "'"; }, compile);
  }
};

}  // namespace

const Backend& native_backend() {
  static const NativeBackend backend;
  return backend;
}

}  // namespace slipway::backends
