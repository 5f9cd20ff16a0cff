// Zip archives whose members are used where they lie: in a mapped file, or in a member of another archive.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.hpp"
#include "base/zip_archive.hpp"
#include "tensor/tensor.hpp"

namespace slipway::torch {

using SharedFile = std::shared_ptr<const MappedFile>;

// Bytes, and what keeps them.
struct SharedBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  SharedBytes(std::span<const std::byte> all, std::shared_ptr<const void> keeper)
      : bytes(all), owner(std::move(keeper)) {}
  SharedBytes(const SharedFile& file) : bytes(file->data()), owner(file) {}  // NOLINT: a file is its bytes
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  // `offset` and `size` are inside.
  SharedBytes part(uint64_t offset, uint64_t size) const {
    return {bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size)), owner};
  }
};

// The same bytes; a copy where elements of `alignment` bytes would not be aligned.
std::shared_ptr<Buffer> buffer_of(const SharedBytes& bytes, size_t alignment);

// One thread at a time. Errors name the member: kInvalidArgument for damage, kUnsupported for encryption and
// rare compressions, kOutOfMemory for members that are larger than an archive of this size may hold.
class SharedArchive {
 public:
  // Of a member, `most_allowance` is what the archive around it has left.
  explicit SharedArchive(SharedBytes bytes, uint64_t most_allowance = std::numeric_limits<uint64_t>::max());

  const std::vector<ZipEntry>& entries() const { return zip_.entries(); }
  const ZipEntry* find(std::string_view name) const { return zip_.find(name); }
  // Throws kInvalidModel when there is none of this name.
  const ZipEntry& at(const std::string& name) const;
  uint64_t allowance() const { return zip_.allowance(); }

  // A part of the archive's bytes; inflated ones are new.
  SharedBytes bytes_of(const ZipEntry& entry);

 private:
  SharedBytes bytes_;
  ZipArchive zip_;
};

// Does the file begin like a zip archive?
bool is_zip_archive(const MappedFile& file);

}  // namespace slipway::torch
