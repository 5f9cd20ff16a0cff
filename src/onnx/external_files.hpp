// The files beside a model that hold its large tensors. A model may only name files whose real path lies
// under the folder of the model's path or under the folder of the model's real path: the second makes caches
// work whose files are all links into a store, and nothing else leaves the folder, be it by an absolute path,
// by ".." or by a link. Locations are relative to the first folder or, if nothing is there, to the second.
// Each file is mapped once.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.hpp"
#include "tensor/tensor.hpp"

namespace slipway {

class ExternalFiles {
 public:
  // No external data can be found: a model in memory, nobody said where it belongs.
  ExternalFiles() = default;
  // Beside a model file.
  static ExternalFiles beside(const std::filesystem::path& model);
  // In a folder.
  static ExternalFiles in(const std::filesystem::path& folder);

  // The mapped content of the file at `location`, relative to the model's folder. Throws kInvalidModel when
  // the location leads elsewhere, kNotFound when nothing is there.
  std::shared_ptr<Buffer> open(const std::string& location);

  // Throws kIo if a file has become shorter while it was read.
  void check_undamaged() const;

 private:
  std::filesystem::path find(const std::string& location) const;
  std::filesystem::path confine(const std::string& location) const;

  struct Open {
    std::shared_ptr<MappedFile> file;
    std::shared_ptr<Buffer> buffer;
  };

  std::vector<std::filesystem::path> folders_;  // real paths
  std::map<std::filesystem::path, Open> open_;  // by real path
};

// A mapped file as a buffer that keeps the mapping until the last tensor in it is gone. Read-only: who wants
// to change elements clones the tensor.
std::shared_ptr<Buffer> buffer_over(std::shared_ptr<MappedFile> file);

}  // namespace slipway
