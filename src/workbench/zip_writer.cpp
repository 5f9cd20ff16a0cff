#include "workbench/zip_writer.hpp"

#include <initializer_list>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

constexpr uint64_t kMax16 = 0xffff;
constexpr uint64_t kMax32 = 0xffffffff;
constexpr uint64_t kPlainVersion = 20, kZip64Version = 45;
constexpr uint64_t kUtf8Names = 1u << 11;
constexpr uint64_t kStored = 0;
constexpr uint64_t kTime = 0, kDate = (1 << 5) | 1;  // 1 January 1980, so that equal content is equal bytes

// Little-endian fields, one after the other.
class Record {
 public:
  Record& u16(uint64_t value) { return append(value, 2); }
  Record& u32(uint64_t value) { return append(value, 4); }
  Record& u64(uint64_t value) { return append(value, 8); }
  Record& text(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Record& append(uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_ += static_cast<char>((value >> (8 * i)) & 0xff);
    return *this;
  }
  std::string bytes_;
};

// What a 32-bit field says of a number: itself, or that the 64-bit extra field has it.
uint64_t clipped(uint64_t value) {
  return value < kMax32 ? value : kMax32;
}

// The extra field with those of the numbers that were clipped; empty when none was.
std::string zip64_field(std::initializer_list<uint64_t> numbers) {
  Record content;
  for (const uint64_t number : numbers)
    if (number >= kMax32) content.u64(number);
  if (content.bytes().empty()) return "";
  return Record().u16(1).u16(content.bytes().size()).text(content.bytes()).bytes();
}

uint64_t version_for(const std::string& zip64) {
  return zip64.empty() ? kPlainVersion : kZip64Version;
}

}  // namespace

void ZipWriter::begin_entry(const std::string& name, uint64_t size, uint32_t crc) {
  if (name.size() > kMax16)
    fail(ErrorCode::kInvalidArgument, "a name of {} bytes is too long for a zip archive", name.size());
  entries_.push_back({name, size, crc, file_.size()});
  const std::string extra = zip64_field({size, size});
  Record header;
  header.u32(0x04034b50).u16(version_for(extra)).u16(kUtf8Names).u16(kStored).u16(kTime).u16(kDate);
  header.u32(crc).u32(clipped(size)).u32(clipped(size)).u16(name.size()).u16(extra.size());
  file_.write(header.text(name).text(extra).bytes());
}

void ZipWriter::write_central_header(const Entry& entry) {
  const std::string extra = zip64_field({entry.size, entry.size, entry.offset});
  const uint64_t version = version_for(extra);
  Record header;
  header.u32(0x02014b50).u16(version).u16(version).u16(kUtf8Names).u16(kStored).u16(kTime).u16(kDate);
  header.u32(entry.crc).u32(clipped(entry.size)).u32(clipped(entry.size));
  header.u16(entry.name.size()).u16(extra.size());
  header.u16(0).u16(0).u16(0).u32(0).u32(clipped(entry.offset));  // no comment, first disk, no attributes
  file_.write(header.text(entry.name).text(extra).bytes());
}

void ZipWriter::finish() {
  const uint64_t begin = file_.size();
  for (const Entry& entry : entries_) write_central_header(entry);
  const uint64_t end = file_.size(), size = end - begin, count = entries_.size();
  if (count >= kMax16 || begin >= kMax32 || size >= kMax32) {
    Record zip64;
    zip64.u32(0x06064b50).u64(44).u16(kZip64Version).u16(kZip64Version).u32(0).u32(0);
    zip64.u64(count).u64(count).u64(size).u64(begin);
    zip64.u32(0x07064b50).u32(0).u64(end).u32(1);
    file_.write(zip64.bytes());
  }
  const uint64_t count16 = count < kMax16 ? count : kMax16;
  Record last;
  last.u32(0x06054b50).u16(0).u16(0).u16(count16).u16(count16).u32(clipped(size)).u32(clipped(begin)).u16(0);
  file_.write(last.bytes());
}

}  // namespace slipway::workbench
