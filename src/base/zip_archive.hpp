// A zip archive that is read: its list of files, their bytes, and where stored bytes lie in the file, so that
// they can be used from a mapping of it. Decompression is zlib's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mapped_file.hpp"
#include "base/zip_directory.hpp"

namespace slipway {

// An archive of a few bytes must not ask for all memory: what is read of it is at most this many bytes plus
// kMaxInflation times its own size.
inline constexpr uint64_t kFreeInflation = 64u << 20;
inline constexpr uint64_t kMaxInflation = 200;

// One thread at a time.
class ZipArchive {
 public:
  // Reads the list. Throws kNotFound; kInvalidArgument for what is no archive, for a list that is damaged,
  // longer than `most_entries`, has a name twice or with a NUL in it, or entries that together are larger
  // than the archive.
  ZipArchive(const std::filesystem::path& path, uint64_t most_entries);
  // Of bytes that outlive it: a mapped file, or a member of another archive, whose allowance then is an upper
  // limit of this one's.
  ZipArchive(std::span<const std::byte> bytes, uint64_t most_entries,
             uint64_t most_allowance = std::numeric_limits<uint64_t>::max());
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  // In the archive's order.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  // nullptr when there is none of this name.
  const ZipEntry* find(std::string_view name) const;

  // How many bytes may still be read.
  uint64_t allowance() const { return allowance_; }
  // Does the allowance above admit the entry? Counts it if so; throws kOutOfMemory if not. Call it before
  // memory for the content is allocated.
  void account(const ZipEntry& entry);
  // The content, checked against its CRC, into `to`, which has entry.size bytes. Throws kUnsupported for
  // encryption and rare compressions, kInvalidArgument for damage.
  void read(const ZipEntry& entry, std::span<std::byte> to);
  // Where in the archive the content of a stored entry lies; nothing for a compressed one. The range is
  // inside the archive. Throws as `read`. The CRC is not looked at.
  std::optional<uint64_t> offset_of(const ZipEntry& entry);

 private:
  void read_list(uint64_t most_entries);

  std::optional<MappedFile> file_;
  std::span<const std::byte> bytes_;
  uint64_t allowance_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, size_t> places_;
};

}  // namespace slipway
