// The list of files at the end of a zip archive, and where their contents lie. Format: PKWARE's APPNOTE 6.3,
// with the 64-bit fields that archives above 4 GB have. (The distribution's minizip 1.1 reads them wrong
// where `long` has 64 bits.) Everything that the bytes state is checked against the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace slipway {

struct ZipEntry {
  std::string name;
  uint64_t size = 0;         // of the content
  uint64_t packed_size = 0;  // in the archive
  uint32_t crc = 0;          // of the content
  bool is_stored = false;    // as it is, not compressed
  // Why the content cannot be read; "" when it can.
  std::string obstacle;
  // Where the entry's own header begins in the file.
  uint64_t header_offset = 0;
};

// The entries, in the list's order. Bytes in front of the archive (a program that unpacks it) are allowed.
// Throws kInvalidArgument for what is no archive, and for a list that is damaged, cut into several files,
// longer than `most_entries` or has a name with a NUL in it.
std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> file, uint64_t most_entries);

// Where in the file the entry's packed_size bytes lie. Throws kInvalidArgument when its header contradicts
// the list or the bytes are not all in the file.
std::span<const std::byte> packed_bytes(std::span<const std::byte> file, const ZipEntry& entry);

}  // namespace slipway
