#include "base/zip_directory.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace slipway {
namespace {

using Bytes = std::span<const std::byte>;

constexpr size_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kCentralSize = 46, kLocalSize = 30;
constexpr size_t kLongestComment = 0xffff;
constexpr uint16_t kStored = 0, kDeflated = 8, kEncrypted = 1, kZip64Extra = 1;
// In the place of a number that a field of 64 bits holds.
constexpr uint32_t kIn64Bits = 0xffffffff;

[[noreturn]] void refuse_list() {
  fail(ErrorCode::kInvalidArgument, "the archive's list of files is damaged");
}

// Little-endian; the caller has seen that the bytes are there.
template <typename T>
T number(Bytes bytes, size_t at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(bytes[at + i]) << (8 * i)));
  return value;
}

bool has_signature(Bytes bytes, size_t at, const char (&signature)[5]) {
  return at <= bytes.size() && bytes.size() - at >= 4 && std::memcmp(bytes.data() + at, signature, 4) == 0;
}

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Where the record at the end begins: a comment of the length that it states ends the file.
size_t find_end(Bytes file) {
  const size_t first = file.size() - std::min(file.size(), kEndSize + kLongestComment);
  const std::string_view tail = text(file).substr(first);
  for (size_t at = tail.rfind("PK\5\6"); at != std::string_view::npos; at = tail.rfind("PK\5\6", at - 1)) {
    if (tail.size() - at >= kEndSize &&
        number<uint16_t>(file, first + at + 20) == tail.size() - at - kEndSize)
      return first + at;
    if (at == 0) break;
  }
  fail(ErrorCode::kInvalidArgument, "this is no zip archive, or its end is missing");
}

struct Directory {
  Bytes bytes;
  uint64_t count = 0;
  uint64_t archive_begin = 0;  // offsets count from here
};

// The list as a record states it that begins at `end`.
Directory directory_before(Bytes file, uint64_t end, uint64_t count, uint64_t size, uint64_t offset) {
  if (size > end || offset > end - size) refuse_list();
  const uint64_t begin = end - size;
  return {file.subspan(static_cast<size_t>(begin), static_cast<size_t>(size)), count, begin - offset};
}

// The record of 64 bits, where there is one in front of the other.
std::optional<Directory> find_directory64(Bytes file, size_t end) {
  if (end < kLocatorSize || !has_signature(file, end - kLocatorSize, "PK\6\7")) return {};
  const uint64_t stated = number<uint64_t>(file, end - kLocatorSize + 8);
  // It stands right in front of its locator; what it states itself is right but for bytes in front of the
  // archive.
  const size_t highest = end - kLocatorSize;
  if (highest < kEnd64Size) refuse_list();
  const size_t at = highest - kEnd64Size;
  if (!has_signature(file, at, "PK\6\6") || stated > at) refuse_list();
  if (number<uint32_t>(file, at + 16) != 0 ||
      number<uint64_t>(file, at + 24) != number<uint64_t>(file, at + 32))
    fail(ErrorCode::kInvalidArgument, "the archive is cut into several files; join them");
  return directory_before(file, at, number<uint64_t>(file, at + 32), number<uint64_t>(file, at + 40),
                          number<uint64_t>(file, at + 48));
}

Directory find_directory(Bytes file) {
  const size_t end = find_end(file);
  if (const auto directory = find_directory64(file, end)) return *directory;
  if (number<uint16_t>(file, end + 4) != 0 ||
      number<uint16_t>(file, end + 8) != number<uint16_t>(file, end + 10))
    fail(ErrorCode::kInvalidArgument, "the archive is cut into several files; join them");
  return directory_before(file, end, number<uint16_t>(file, end + 10), number<uint32_t>(file, end + 12),
                          number<uint32_t>(file, end + 16));
}

// Puts numbers of 64 bits where the header refers to them. `extra` is a list of (id, size, content).
void read_zip64(Bytes extra, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const size_t size = number<uint16_t>(extra, 2);
    if (size > extra.size() - 4) refuse_list();
    Bytes content = extra.subspan(4, size);
    if (number<uint16_t>(extra, 0) == kZip64Extra) {
      for (uint64_t* field : {&entry.size, &entry.packed_size, &entry.header_offset}) {
        if (*field != kIn64Bits) continue;
        if (content.size() < 8) refuse_list();
        *field = number<uint64_t>(content, 0);
        content = content.subspan(8);
      }
      return;
    }
    extra = extra.subspan(4 + size);
  }
}

std::string obstacle_of(uint16_t flags, uint16_t method) {
  if (flags & kEncrypted) return "it is encrypted; save it without a password";
  if (method != kStored && method != kDeflated)
    return fmt::format("it is compressed by method {}; save it stored or deflated", method);
  return "";
}

// The entry at the begin of the list, which is shortened by it.
ZipEntry take_entry(Bytes& list) {
  if (list.size() < kCentralSize || !has_signature(list, 0, "PK\1\2")) refuse_list();
  const size_t name = number<uint16_t>(list, 28), extra = number<uint16_t>(list, 30);
  const size_t whole = kCentralSize + name + extra + number<uint16_t>(list, 32);
  if (list.size() < whole) refuse_list();
  ZipEntry entry;
  entry.name = text(list.subspan(kCentralSize, name));
  if (entry.name.find('\0') != std::string::npos)
    fail(ErrorCode::kInvalidArgument, "a name in the archive has a NUL byte in it");
  const auto method = number<uint16_t>(list, 10);
  entry.obstacle = obstacle_of(number<uint16_t>(list, 8), method);
  entry.is_stored = method == kStored;
  entry.crc = number<uint32_t>(list, 16);
  entry.packed_size = number<uint32_t>(list, 20);
  entry.size = number<uint32_t>(list, 24);
  entry.header_offset = number<uint32_t>(list, 42);
  read_zip64(list.subspan(kCentralSize + name, extra), entry);
  list = list.subspan(whole);
  return entry;
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(Bytes file, uint64_t most_entries) {
  Directory directory = find_directory(file);
  if (directory.count > most_entries)
    fail(ErrorCode::kInvalidArgument, "the archive holds more than {} files", most_entries);
  std::vector<ZipEntry> entries;
  for (uint64_t i = 0; i < directory.count; ++i) {
    ZipEntry& entry = entries.emplace_back(take_entry(directory.bytes));
    if (entry.header_offset > file.size() - directory.archive_begin) refuse_list();
    entry.header_offset += directory.archive_begin;
  }
  return entries;
}

Bytes packed_bytes(Bytes file, const ZipEntry& entry) {
  const auto at = static_cast<size_t>(entry.header_offset);
  if (at > file.size() || file.size() - at < kLocalSize || !has_signature(file, at, "PK\3\4"))
    fail(ErrorCode::kInvalidArgument, "its header in the archive is damaged");
  const size_t name = number<uint16_t>(file, at + 26), extra = number<uint16_t>(file, at + 28);
  const size_t left = file.size() - at - kLocalSize;
  if (name > left || text(file.subspan(at + kLocalSize, name)) != entry.name ||
      (number<uint16_t>(file, at + 8) == kStored) != entry.is_stored)
    fail(ErrorCode::kInvalidArgument,
         "its header in the archive is damaged: it contradicts the archive's list");
  if (name + extra > left || entry.packed_size > left - name - extra)
    fail(ErrorCode::kInvalidArgument, "{} bytes from byte {} on are stated, but the file has {}",
         entry.packed_size, at + kLocalSize + name + extra, file.size());
  return file.subspan(at + kLocalSize + name + extra, static_cast<size_t>(entry.packed_size));
}

}  // namespace slipway
