#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.hpp"

namespace slipway {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

const char* kind_name(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

int open_for_reading(const std::filesystem::path& path) {
  for (;;) {
    // Without O_NONBLOCK a FIFO would be waited for.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor >= 0) return descriptor;
    if (errno == EINTR) continue;
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    fail(missing ? ErrorCode::kNotFound : ErrorCode::kIo, "cannot open '{}': {}", path.string(),
         std::strerror(errno));
  }
}

size_t size_of_regular_file(int descriptor, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0)
    fail(ErrorCode::kIo, "cannot read '{}': {}", path.string(), std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    fail(ErrorCode::kIo, "cannot read '{}': it is {}, not a file", path.string(), kind_name(status.st_mode));
  if (static_cast<uint64_t>(status.st_size) > std::numeric_limits<ptrdiff_t>::max())
    fail(ErrorCode::kOutOfMemory, "cannot map '{}': {} bytes", path.string(), status.st_size);
  return static_cast<size_t>(status.st_size);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  const Descriptor descriptor(open_for_reading(path));
  const size_t size = size_of_regular_file(descriptor.get(), path);
  if (size == 0) return;
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (address == MAP_FAILED)
    fail(errno == ENOMEM ? ErrorCode::kOutOfMemory : ErrorCode::kIo, "cannot map '{}' ({} bytes): {}",
         path.string(), size, std::strerror(errno));
  data_ = {static_cast<const std::byte*>(address), size};
  try {
    guard_ = std::make_unique<BusGuard>(address, size);
  } catch (...) {
    unmap();
    throw;
  }
}

MappedFile::~MappedFile() {
  unmap();
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, {})), guard_(std::move(other.guard_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  unmap();
  path_ = std::move(other.path_);
  data_ = std::exchange(other.data_, {});
  guard_ = std::move(other.guard_);
  return *this;
}

void MappedFile::check_undamaged() const {
  if (damaged()) fail(ErrorCode::kIo, "'{}' became shorter while it was being read", path_.string());
}

void MappedFile::unmap() noexcept {
  guard_.reset();
  if (!data_.empty()) ::munmap(const_cast<std::byte*>(data_.data()), data_.size());
  data_ = {};
}

}  // namespace slipway
