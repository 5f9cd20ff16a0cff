#include "base/zip_archive.hpp"

#include <minizip/unzip.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr uLong kStored = 0, kDeflated = 8;
constexpr uLong kEncryptedFlag = 1;

[[noreturn]] void refuse_list() {
  fail(ErrorCode::kInvalidArgument, "the archive's list of files is damaged");
}

// The number of entries that the record at the end states (65,535: that many or more). minizip finds a record
// that is cut off and takes what is missing for zeros, and does not find one that is the whole file.
size_t count_entries(const std::filesystem::path& path, uint64_t size) {
  constexpr size_t kRecordSize = 22, kMaxComment = 0xffff;
  std::string tail(std::min<uint64_t>(size, kRecordSize + kMaxComment), '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(size - tail.size()));
  if (!file.read(tail.data(), static_cast<std::streamsize>(tail.size())))
    fail(ErrorCode::kIo, "it cannot be read");
  const auto number = [&](size_t at) {
    return static_cast<size_t>(static_cast<unsigned char>(tail[at]) | static_cast<unsigned char>(tail[at + 1])
                                                                          << 8);
  };
  for (size_t at = tail.rfind("PK\5\6"); at != std::string::npos; at = tail.rfind("PK\5\6", at - 1)) {
    // A comment of the stated length ends the file.
    if (tail.size() - at >= kRecordSize && number(at + 20) == tail.size() - at - kRecordSize)
      return number(at + 10);
    if (at == 0) break;
  }
  fail(ErrorCode::kInvalidArgument, "this is no zip archive, or its end is missing");
}

std::string obstacle_of(const unz_file_info64& info) {
  if (info.flag & kEncryptedFlag) return "it is encrypted; save it without a password";
  if (info.compression_method != kStored && info.compression_method != kDeflated)
    return fmt::format("it is compressed by method {}; save it stored or deflated", info.compression_method);
  return "";
}

}  // namespace

// The entry that minizip reads from, closed at the end of a scope.
class ZipArchive::Opened {
 public:
  explicit Opened(void* handle) : handle_(handle) {
    if (unzOpenCurrentFile(handle_) != UNZ_OK)
      fail(ErrorCode::kInvalidArgument, "its header in the archive is damaged");
  }
  ~Opened() {
    if (handle_) unzCloseCurrentFile(handle_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  void check_crc() {
    if (unzCloseCurrentFile(std::exchange(handle_, nullptr)) != UNZ_OK)
      fail(ErrorCode::kInvalidArgument, "its bytes do not have the checksum that the archive states");
  }

 private:
  void* handle_;
};

ZipArchive::ZipArchive(const std::filesystem::path& path, uint64_t most_entries) {
  if (!std::filesystem::is_regular_file(path)) fail(ErrorCode::kNotFound, "there is no such file");
  file_size_ = std::filesystem::file_size(path);
  allowance_ = kFreeInflation + kMaxInflation * file_size_;
  if (count_entries(path, file_size_) == 0) return;
  handle_ = unzOpen64(path.c_str());
  if (!handle_) refuse_list();
  try {
    int status = unzGoToFirstFile(handle_);
    for (; status == UNZ_OK; status = unzGoToNextFile(handle_)) {
      if (entries_.size() == most_entries)
        fail(ErrorCode::kInvalidArgument, "the archive holds more than {} files", most_entries);
      add_entry();
    }
    if (status != UNZ_END_OF_LIST_OF_FILE) refuse_list();
    for (size_t i = 0; i < entries_.size(); ++i)
      if (!places_.emplace(entries_[i].name, i).second)
        fail(ErrorCode::kInvalidArgument, "the archive holds {:?} twice", entries_[i].name);
  } catch (...) {
    unzClose(handle_);
    throw;
  }
}

ZipArchive::~ZipArchive() {
  if (handle_) unzClose(handle_);
}

void ZipArchive::add_entry() {
  unz_file_info64 info = {};
  unz64_file_pos position = {};
  std::string name(std::numeric_limits<uint16_t>::max(), '\0');
  if (unzGetCurrentFileInfo64(handle_, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
      unzGetFilePos64(handle_, &position) != UNZ_OK)
    refuse_list();
  name.resize(std::min<size_t>(info.size_filename, name.size()));
  if (name.find('\0') != std::string::npos)
    fail(ErrorCode::kInvalidArgument, "a name in the archive has a NUL byte in it");
  entries_.push_back({std::move(name), info.uncompressed_size, info.compressed_size,
                      info.compression_method == kStored, obstacle_of(info), position.pos_in_zip_directory,
                      position.num_of_file});
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &entries_[found->second];
}

void ZipArchive::account(const ZipEntry& entry) {
  if (entry.size > allowance_)
    fail(ErrorCode::kOutOfMemory,
         "it states {} bytes, which is more than an archive of this size may hold ({} times its own size)",
         entry.size, kMaxInflation);
  allowance_ -= entry.size;
}

void ZipArchive::go_to(const ZipEntry& entry) {
  if (!entry.obstacle.empty()) fail(ErrorCode::kUnsupported, "{}", entry.obstacle);
  const unz64_file_pos position{entry.list_position, entry.list_index};
  if (unzGoToFilePos64(handle_, &position) != UNZ_OK) refuse_list();
}

void ZipArchive::read(const ZipEntry& entry, std::span<std::byte> to) {
  constexpr size_t kPiece = size_t{1} << 24;
  go_to(entry);
  Opened opened(handle_);
  while (!to.empty()) {
    const int got =
        unzReadCurrentFile(handle_, to.data(), static_cast<unsigned>(std::min(to.size(), kPiece)));
    if (got <= 0) fail(ErrorCode::kInvalidArgument, "its bytes in the archive are damaged or end too early");
    to = to.subspan(static_cast<size_t>(got));
  }
  opened.check_crc();
}

std::optional<uint64_t> ZipArchive::offset_of(const ZipEntry& entry) {
  if (!entry.is_stored) return std::nullopt;
  go_to(entry);
  const Opened opened(handle_);
  const uint64_t offset = unzGetCurrentFileZStreamPos64(handle_);
  if (entry.packed_size != entry.size || offset > file_size_ || entry.size > file_size_ - offset)
    fail(ErrorCode::kInvalidArgument, "{} bytes from byte {} on are stated, but the file has {}", entry.size,
         offset, file_size_);
  return offset;
}

}  // namespace slipway
