#include "base/zip_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace slipway {
namespace {

// zlib counts bytes in 32 bits: so many at once.
constexpr size_t kPiece = size_t{1} << 24;

std::span<const std::byte> content_of(std::span<const std::byte> archive, const ZipEntry& entry) {
  if (!entry.obstacle.empty()) fail(ErrorCode::kUnsupported, "{}", entry.obstacle);
  const auto packed = packed_bytes(archive, entry);
  if (entry.is_stored && entry.packed_size != entry.size)
    fail(ErrorCode::kInvalidArgument, "{} bytes are stated, but {} are stored", entry.size,
         entry.packed_size);
  return packed;
}

// A stream of zlib's, for one content.
class Inflater {
 public:
  Inflater() {
    // No header of zlib's own: 32 KiB of window.
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) fail(ErrorCode::kOutOfMemory, "no memory for zlib");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Exactly as many bytes as `to` has.
  void run(std::span<const std::byte> from, std::span<std::byte> to) {
    int status = Z_OK;
    while (status == Z_OK && !to.empty()) {
      const size_t in = std::min(from.size(), kPiece), out = std::min(to.size(), kPiece);
      // zlib does not write to what it reads.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.data()));
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = reinterpret_cast<Bytef*>(to.data());
      stream_.avail_out = static_cast<uInt>(out);
      status = inflate(&stream_, Z_NO_FLUSH);
      from = from.subspan(in - stream_.avail_in);
      to = to.subspan(out - stream_.avail_out);
      if (status == Z_OK && stream_.avail_in == in && stream_.avail_out == out) break;
    }
    if ((status != Z_OK && status != Z_STREAM_END) || !to.empty())
      fail(ErrorCode::kInvalidArgument, "its bytes in the archive are damaged or end too early");
  }

 private:
  z_stream stream_ = {};
};

uint32_t crc_of(std::span<const std::byte> bytes) {
  uLong crc = crc32(0, nullptr, 0);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kPiece)))
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uInt>(std::min(bytes.size(), kPiece)));
  return static_cast<uint32_t>(crc);
}

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& path, uint64_t most_entries)
    : file_(path), bytes_(file_->data()), allowance_(kFreeInflation + kMaxInflation * bytes_.size()) {
  read_list(most_entries);
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes, uint64_t most_entries, uint64_t most_allowance)
    : bytes_(bytes), allowance_(std::min(kFreeInflation + kMaxInflation * bytes.size(), most_allowance)) {
  read_list(most_entries);
}

void ZipArchive::read_list(uint64_t most_entries) {
  entries_ = read_zip_directory(bytes_, most_entries);
  uint64_t free = bytes_.size();
  for (size_t i = 0; i < entries_.size(); ++i) {
    const ZipEntry& entry = entries_[i];
    if (!places_.emplace(entry.name, i).second)
      fail(ErrorCode::kInvalidArgument, "the archive holds {:?} twice", entry.name);
    if (entry.packed_size > free)
      fail(ErrorCode::kInvalidArgument, "the archive's files are larger than the archive: they overlap");
    free -= entry.packed_size;
  }
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

void ZipArchive::read(const ZipEntry& entry, std::span<std::byte> to) {
  const auto packed = content_of(bytes_, entry);
  if (!entry.is_stored) {
    Inflater().run(packed, to);
  } else if (!to.empty()) {
    std::memcpy(to.data(), packed.data(), to.size());
  }
  if (crc_of(to) != entry.crc)
    fail(ErrorCode::kInvalidArgument, "its bytes do not have the checksum that the archive states");
}

std::optional<uint64_t> ZipArchive::offset_of(const ZipEntry& entry) {
  if (!entry.is_stored) return std::nullopt;
  return static_cast<uint64_t>(content_of(bytes_, entry).data() - bytes_.data());
}

}  // namespace slipway
