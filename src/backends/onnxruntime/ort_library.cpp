#include "backends/onnxruntime/ort_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <mutex>

#include "backends/onnxruntime/ort_search.hpp"
#include "base/error.hpp"

namespace slipway::backends::ort {
namespace {

ErrorCode error_code_of(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidArgument:
      return ErrorCode::kInvalidArgument;
    case StatusCode::kNoSuchFile:
      return ErrorCode::kNotFound;
    case StatusCode::kNoModel:
    case StatusCode::kInvalidProtobuf:
    case StatusCode::kInvalidGraph:
      return ErrorCode::kInvalidModel;
    default:
      return ErrorCode::kUnsupported;
  }
}

// The file that the loader chose for a handle.
std::string path_of(void* handle) {
  link_map* map = nullptr;
  return dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0 && map ? map->l_name : "";
}

struct Opened {
  void* handle = nullptr;
  std::string trouble;  // why not, when there is no handle
};

Opened open(const std::filesystem::path& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* reason = dlerror();
    return {nullptr, reason ? reason : "it cannot be loaded"};
  }
  if (!dlsym(handle, "OrtGetApiBase")) {
    dlclose(handle);
    return {nullptr, "it is a library, but not ONNX Runtime's: it has no OrtGetApiBase"};
  }
  return {handle, ""};
}

// ONNX Runtime counts the users of its one environment, but making a new one while the last user of the old
// one leaves is a race inside of it.
std::mutex& environment_mutex() {
  static std::mutex mutex;
  return mutex;
}

[[noreturn]] void fail_not_found(const std::string& tried) {
  fail(ErrorCode::kNotFound,
       "ONNX Runtime's library was not found. Install it (pip install onnxruntime, or your distribution's "
       "libonnxruntime), or name it by --onnxruntime PATH or {}. Tried:{}",
       kLibraryVariable, tried);
}

}  // namespace

std::shared_ptr<const Library> Library::load(const std::filesystem::path& requested) {
  std::string tried;
  for (const Candidate& candidate : library_candidates(requested)) {
    const Opened opened = open(candidate.path);
    if (!opened.handle) {
      tried += "\n  " + candidate.path.string() + ": " + opened.trouble;
      continue;
    }
    const auto get_base = reinterpret_cast<GetApiBase>(dlsym(opened.handle, "OrtGetApiBase"));
    const ApiBase* base = get_base();
    const void* const* slots = base ? base->get_api(kApiVersion) : nullptr;
    if (!slots)
      fail(ErrorCode::kUnsupported, "{} does not offer version {} of its interface", candidate.path.string(),
           kApiVersion);
    return std::shared_ptr<const Library>(new Library(*base, slots, path_of(opened.handle)));
  }
  fail_not_found(tried);
}

Library::Library(const ApiBase& base, const void* const* slots, std::string path)
    : api_(slots), version_(base.get_version_string()), path_(std::move(path)), env_(nullptr, nullptr) {
  std::lock_guard lock(environment_mutex());
  env_ = make<Env>(api_.release_env,
                   [&](Env** out) { return api_.create_env(LoggingLevel::kError, "slipway", out); });
}

Library::~Library() {
  std::lock_guard lock(environment_mutex());
  env_.reset();
}

void Library::check(Status* status) const {
  if (!status) return;
  const Handle<Status> owner(status, api_.release_status);
  fail(error_code_of(api_.get_error_code(status)), "ONNX Runtime: {}", api_.get_error_message(status));
}

}  // namespace slipway::backends::ort
