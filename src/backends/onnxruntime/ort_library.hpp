// ONNX Runtime's shared library, loaded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "backends/onnxruntime/ort_api.hpp"

namespace slipway::backends::ort {

// Owns one of the library's objects.
template <typename T>
using Handle = std::unique_ptr<T, void (*)(T*)>;

class Library {
 public:
  // The first that loads of the places that ort_search.hpp tells; `requested` may be empty. Throws kNotFound
  // saying where it looked and what to install. The library is never unloaded: it keeps threads and exit
  // handlers that do not survive that.
  static std::shared_ptr<const Library> load(const std::filesystem::path& requested);
  ~Library();

  const Api& api() const { return api_; }
  const Env* env() const { return env_.get(); }
  const std::string& version() const { return version_; }
  const std::string& path() const { return path_; }

  // Throws the library's own message as an Error when the status is not success.
  void check(Status* status) const;
  // The object that `create(…, out)` makes, with its releasing function.
  template <typename T, typename Create>
  Handle<T> make(void (*release)(T*), Create&& create) const {
    T* object = nullptr;
    check(create(&object));
    return Handle<T>(object, release);
  }

 private:
  Library(const ApiBase& base, const void* const* slots, std::string path);

  Api api_;
  std::string version_;
  std::string path_;
  Handle<Env> env_;
};

}  // namespace slipway::backends::ort
