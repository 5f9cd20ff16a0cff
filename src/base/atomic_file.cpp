#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "base/error.hpp"

namespace slipway {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBufferBytes = 1 << 16;
constexpr size_t kLongestName = 255;  // NAME_MAX of every file system that matters
constexpr int kMostLinks = 40;        // what Linux itself follows
constexpr int kMostAttempts = 100;    // at finding a name that is free
constexpr unsigned kNewFileMode = 0666;
constexpr unsigned kPrivateMode = 0600;  // until the permissions of the replaced file are known to hold

[[noreturn]] void fail_io(const char* what, const fs::path& path, int error) {
  fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "cannot {} '{}': {}", what, path.string(),
       std::strerror(error));
}

// Follows the links of the last component only: rename replaces a link, not what it names.
fs::path follow_links(fs::path path) {
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
    const fs::path next = fs::read_symlink(path, error);
    if (error) fail_io("follow the link", path, error.value());
    path = path.parent_path() / next;
  }
  fail_io("follow the link", path, ELOOP);
}

fs::path folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

fs::path temporary_name(const fs::path& path) {
  static constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string suffix;
  for (int i = 0; i < 12; ++i) suffix += kLetters[random() % (sizeof(kLetters) - 1)];
  suffix += ".tmp";
  const std::string name = path.filename().string();
  return folder_of(path) / ("." + name.substr(0, kLongestName - 2 - suffix.size()) + "." + suffix);
}

std::string descriptor_path(int descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

// A crash after the rename must not bring the old folder entry back. Some file systems cannot sync a folder.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& target) : target_(target) {
  struct stat status{};
  if (target.empty() || target.filename().empty() ||
      (::stat(target.c_str(), &status) == 0 && S_ISDIR(status.st_mode)))
    fail(ErrorCode::kIo, "cannot write '{}': it is a folder; name a file", target.string());
  buffer_.reserve(kBufferBytes);
  if (status.st_mode != 0 && !S_ISREG(status.st_mode)) {
    open_direct();
    return;
  }
  resolved_ = follow_links(target);
  try {
    open_temporary();
    adopt_permissions();
  } catch (...) {
    discard();
    throw;
  }
}

AtomicFile::~AtomicFile() {
  discard();
}

void AtomicFile::open_direct() {
  kind_ = Kind::kDirect;
  descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor_ < 0) fail_io("write", target_, errno);
}

void AtomicFile::open_temporary() {
  unsigned mode = kNewFileMode;
  if (::access(resolved_.c_str(), F_OK) == 0) {
    if (::faccessat(AT_FDCWD, resolved_.c_str(), W_OK, AT_EACCESS) != 0) fail_io("replace", target_, errno);
    mode = kPrivateMode;
  }
  if (!open_unnamed(mode)) open_named(mode);
}

bool AtomicFile::open_unnamed(unsigned mode) {
  kind_ = Kind::kUnnamed;
  descriptor_ = ::open(folder_of(resolved_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (descriptor_ < 0) return false;
  // It gets its name through /proc, which a bare chroot does not have.
  if (::access(descriptor_path(descriptor_).c_str(), F_OK) == 0) return true;
  ::close(descriptor_);
  descriptor_ = -1;
  return false;
}

void AtomicFile::open_named(unsigned mode) {
  kind_ = Kind::kNamed;
  for (int i = 0; i < kMostAttempts; ++i) {
    const fs::path name = temporary_name(resolved_);
    descriptor_ = ::open(name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode);
    if (descriptor_ >= 0) {
      temporary_ = name;
      return;
    }
    if (errno != EEXIST && errno != EINTR) break;
  }
  fail_io("write", target_, errno);
}

void AtomicFile::adopt_permissions() {
  struct stat status{};
  if (::stat(resolved_.c_str(), &status) != 0) return;
  struct stat own{};
  if (::fstat(descriptor_, &own) != 0) fail_io("write", target_, errno);
  bool same_owner = own.st_uid == status.st_uid && own.st_gid == status.st_gid;
  if (!same_owner) same_owner = ::fchown(descriptor_, status.st_uid, status.st_gid) == 0;
  // Set-user-ID bits mean something only for the owner that granted them.
  if (::fchmod(descriptor_, status.st_mode & (same_owner ? 07777 : 0777)) != 0)
    fail_io("write", target_, errno);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes)
    write_all(bytes);
  else
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  size_ += bytes.size();
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void AtomicFile::flush() {
  write_all(buffer_);
  buffer_.clear();
}

void AtomicFile::write_all(std::span<const std::byte> bytes) {
  constexpr size_t kMostBytesAtOnce = size_t{1} << 30;  // write(2) takes a little less than 2 GiB
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), kMostBytesAtOnce));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written == 0 ? EIO : errno;
      failed_ = true;
      fail_io("write", target_, error);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void AtomicFile::commit() {
  if (failed_ || descriptor_ < 0)
    fail(ErrorCode::kInternal, "commit of '{}' after it ended", target_.string());
  try {
    flush();
    if (kind_ != Kind::kDirect) publish();
  } catch (...) {
    discard();
    throw;
  }
  temporary_.clear();
  const int descriptor = descriptor_;
  descriptor_ = -1;
  // For a device or FIFO this is where a late error shows; what was synced cannot fail any more.
  if (::close(descriptor) != 0 && kind_ == Kind::kDirect && errno != EINTR) fail_io("write", target_, errno);
}

void AtomicFile::publish() {
  int result = 0;
  do result = ::fsync(descriptor_);
  while (result != 0 && errno == EINTR);
  if (result != 0) fail_io("write", target_, errno);
  if (kind_ == Kind::kUnnamed) link_temporary();
  if (!temporary_.empty() && ::rename(temporary_.c_str(), resolved_.c_str()) != 0)
    fail_io("replace", target_, errno);
  sync_folder(folder_of(resolved_));
}

// A link cannot replace a file. So a new file gets its name at once, and one that replaces another a
// temporary name for the moment until the rename.
void AtomicFile::link_temporary() {
  const std::string source = descriptor_path(descriptor_);
  fs::path name = resolved_;
  for (int i = 0; i < kMostAttempts; ++i) {
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      if (name != resolved_) temporary_ = name;
      return;
    }
    if (errno != EEXIST) break;
    name = temporary_name(resolved_);
  }
  fail_io("write", target_, errno);
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

}  // namespace slipway
