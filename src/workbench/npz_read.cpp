#include <minizip/unzip.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::workbench {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr uLong kStored = 0, kDeflated = 8;
constexpr uLong kEncryptedFlag = 1;

struct Entry {
  std::string name;  // without the suffix
  unz_file_info64 info = {};
};

// The number of entries that the record at the end states (65,535: that many or more). minizip finds a record
// that is cut off and takes what is missing for zeros, and does not find one that is the whole file.
size_t count_entries(const std::filesystem::path& path) {
  constexpr size_t kRecordSize = 22, kMaxComment = 0xffff;
  const size_t size = std::filesystem::file_size(path);
  std::string tail(std::min(size, kRecordSize + kMaxComment), '\0');
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
  fail(ErrorCode::kInvalidArgument, "this is not a .npz file, or its end is missing: it is no zip archive");
}

// The archive and what it may still inflate to.
class Archive {
 public:
  explicit Archive(const std::filesystem::path& path)
      : allowance_(kFreeInflation + kMaxInflation * std::filesystem::file_size(path)),
        handle_(unzOpen64(path.c_str())) {
    if (!handle_) fail(ErrorCode::kInvalidArgument, "the archive's list of files is damaged");
  }
  ~Archive() { unzClose(handle_); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  // Moves to the first or to the next entry; false when there is none.
  bool go_to_first() { return moved(unzGoToFirstFile(handle_)); }
  bool go_to_next() { return moved(unzGoToNextFile(handle_)); }
  Entry describe_entry();
  // The whole content of the entry, checked against its CRC.
  std::shared_ptr<Buffer> read_entry(const Entry& entry);

 private:
  static bool moved(int status) {
    if (status != UNZ_OK && status != UNZ_END_OF_LIST_OF_FILE)
      fail(ErrorCode::kInvalidArgument, "the archive's list of files is damaged");
    return status == UNZ_OK;
  }
  void read_bytes(std::byte* to, uint64_t size);

  uint64_t allowance_;
  unzFile handle_;
};

Entry Archive::describe_entry() {
  Entry entry;
  std::string name(std::numeric_limits<uint16_t>::max(), '\0');
  if (unzGetCurrentFileInfo64(handle_, &entry.info, name.data(), name.size(), nullptr, 0, nullptr, 0) !=
      UNZ_OK)
    fail(ErrorCode::kInvalidArgument, "the archive's list of files is damaged");
  name.resize(std::min<size_t>(entry.info.size_filename, name.size()));
  if (!name.ends_with(kSuffix) || name.find('\0') != std::string::npos)
    fail(ErrorCode::kInvalidArgument, "the archive holds {}, which is no .npy file", slipway::quoted(name));
  entry.name = name.substr(0, name.size() - kSuffix.size());
  return entry;
}

std::shared_ptr<Buffer> Archive::read_entry(const Entry& entry) {
  if (entry.info.flag & kEncryptedFlag)
    fail(ErrorCode::kUnsupported, "it is encrypted; save it without a password");
  if (entry.info.compression_method != kStored && entry.info.compression_method != kDeflated)
    fail(ErrorCode::kUnsupported, "it is compressed by method {}; save it with numpy.savez",
         entry.info.compression_method);
  const uint64_t size = entry.info.uncompressed_size;
  if (size > allowance_)
    fail(ErrorCode::kOutOfMemory,
         "it states {} bytes, which is more than an archive of this size may hold ({} times its own size)",
         size, kMaxInflation);
  allowance_ -= size;
  const auto buffer = Buffer::allocate(static_cast<size_t>(size));
  if (unzOpenCurrentFile(handle_) != UNZ_OK)
    fail(ErrorCode::kInvalidArgument, "its header in the archive is damaged");
  read_bytes(static_cast<std::byte*>(buffer->data()), size);
  if (unzCloseCurrentFile(handle_) != UNZ_OK)
    fail(ErrorCode::kInvalidArgument, "its bytes do not have the checksum that the archive states");
  return buffer;
}

void Archive::read_bytes(std::byte* to, uint64_t size) {
  constexpr uint64_t kPiece = 1u << 24;
  while (size > 0) {
    const int got = unzReadCurrentFile(handle_, to, static_cast<unsigned>(std::min(size, kPiece)));
    if (got <= 0) fail(ErrorCode::kInvalidArgument, "its bytes in the archive are damaged or end too early");
    to += got;
    size -= static_cast<uint64_t>(got);
  }
}

NamedTensors read_all(const std::filesystem::path& path) {
  NamedTensors tensors;
  if (count_entries(path) == 0) return tensors;
  Archive archive(path);
  std::set<std::string> names;
  for (bool there = archive.go_to_first(); there; there = archive.go_to_next()) {
    const Entry entry = archive.describe_entry();
    if (!names.insert(entry.name).second)
      fail(ErrorCode::kInvalidArgument, "the archive holds {} twice", slipway::quoted(entry.name));
    if (names.size() > kMaxNpzEntries)
      fail(ErrorCode::kInvalidArgument, "the archive holds more than {} arrays", kMaxNpzEntries);
    with_context([&] { return "array " + slipway::quoted(entry.name); },
                 [&] { tensors.emplace_back(entry.name, parse_npy(archive.read_entry(entry))); });
  }
  return tensors;
}

}  // namespace

NamedTensors read_npz(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] {
                        if (!std::filesystem::is_regular_file(path))
                          fail(ErrorCode::kNotFound, "there is no such file");
                        return read_all(path);
                      });
}

}  // namespace slipway::workbench
