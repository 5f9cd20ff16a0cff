// A folder for files that somebody else has to read by their paths; it and all in it are gone with the
// object.
#pragma once

#include <filesystem>

namespace slipway {

class TemporaryFolder {
 public:
  // In the system's folder for such (TMPDIR). Throws kIo.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace slipway
