#include "backends/backend.hpp"

#include <array>

#include "backends/native/native_backend.hpp"
#include "backends/onnxruntime/onnxruntime_backend.hpp"
#include "base/error.hpp"

namespace slipway::backends {

std::span<const Backend* const> all_backends() {
  static const std::array<const Backend*, 2> backends = {&native_backend(), &onnxruntime_backend()};
  return backends;
}

const Backend& find_backend(std::string_view name) {
  std::string names;
  for (const Backend* backend : all_backends()) {
    if (backend->name() == name) return *backend;
    names += (names.empty() ? "" : ", ") + std::string(backend->name());
  }
  fail(ErrorCode::kInvalidArgument, "there is no backend '{}'; there are: {}", name, names);
}

}  // namespace slipway::backends
