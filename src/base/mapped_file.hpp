// A whole file, mapped for reading. Pages come from disk when they are touched, and the system can drop them
// again, so a file of many gigabytes costs only what is read of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/bus_guard.hpp"

namespace slipway {

// Immutable after construction; any number of threads may read. A file that somebody shortens while it is
// mapped does not kill the process: the missing bytes read as zeros and `damaged` says so. (A system call
// that is handed such an address fails with EFAULT instead.) Changes of the bytes themselves by others show
// through.
class MappedFile {
 public:
  // Errors: kNotFound if there is no such file; kIo for a folder, device, FIFO or socket, and for what cannot
  // be read; kOutOfMemory if there is no address space. An empty file is a file of size 0.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  // Valid as long as this object, or the one that it was moved to.
  std::span<const std::byte> data() const { return data_; }
  size_t size() const { return data_.size(); }
  const std::filesystem::path& path() const { return path_; }

  // Whether bytes that were read may have been zeros in the place of data that had gone.
  bool damaged() const { return guard_ && guard_->damaged(); }
  // Throws kIo if so. For use after parsing, before the result is trusted.
  void check_undamaged() const;

 private:
  void unmap() noexcept;

  std::filesystem::path path_;
  std::span<const std::byte> data_;
  std::unique_ptr<BusGuard> guard_;
};

}  // namespace slipway
