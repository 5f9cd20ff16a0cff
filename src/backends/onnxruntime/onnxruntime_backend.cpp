#include "backends/onnxruntime/onnxruntime_backend.hpp"

#include "backends/onnxruntime/ort_executable.hpp"
#include "base/error.hpp"

namespace slipway::backends {
namespace {

class OnnxRuntimeBackend : public Backend {
 public:
  std::string_view name() const override { return "onnxruntime"; }

  std::string unavailable_reason(const CompileOptions& options) const override {
    try {
      ort::Library::load(options.library);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  std::string version(const CompileOptions& options) const override {
    const auto library = ort::Library::load(options.library);
    return library->version() + " (" + library->path() + ")";
  }

  // Only compiling tells: the library has no call that asks.
  std::vector<Obstacle> obstacles(const slipway::Model&, const CompileOptions&) const override { return {}; }

  std::unique_ptr<Executable> compile(const ModelSource& source,
                                      const CompileOptions& options) const override {
    if (options.operators)
      fail(ErrorCode::kUnsupported,
           "the engine onnxruntime takes no custom operators (--custom-ops): they are libraries for "
           "slipway/custom_op.h, "
           "and ONNX Runtime has an interface of its own. Run the model with --backend native");
    if (options.memory)
      fail(ErrorCode::kUnsupported,
           "the engine onnxruntime cannot keep a memory limit (--max-memory, max_memory): ONNX Runtime has "
           "none that "
           "holds for all it allocates. Run the model with --backend native, or without the limit");
    return std::make_unique<ort::OrtExecutable>(ort::Library::load(options.library), source, options);
  }
};

}  // namespace

const Backend& onnxruntime_backend() {
  static const OnnxRuntimeBackend backend;
  return backend;
}

}  // namespace slipway::backends
