// Writes a zip archive of stored entries front to back, which is all that an AtomicFile can do (libraries go
// back to fill in sizes). Format: PKWARE's APPNOTE; the 64-bit fields are there only where a number needs
// them, since small readers do not know them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/atomic_file.hpp"

namespace slipway::workbench {

class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}

  // Begins an entry; the caller then writes exactly `size` bytes with this CRC to the file. The name is UTF-8
  // of at most 65,535 bytes.
  void begin_entry(const std::string& name, uint64_t size, uint32_t crc);
  // Writes the list of entries. Call it once, last.
  void finish();

 private:
  struct Entry {
    std::string name;
    uint64_t size;
    uint32_t crc;
    uint64_t offset;
  };
  void write_central_header(const Entry& entry);

  AtomicFile& file_;
  std::vector<Entry> entries_;
};

}  // namespace slipway::workbench
