#include "image/jpeg2000_codestream.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr uint64_t kStart = 0xff4f, kTilePart = 0xff90, kEnd = 0xffd9;  // the markers SOC, SOT and EOC
constexpr uint64_t kCodestreamBox = 0x6a703263;                         // "jp2c"

// The big-endian integer at a place; a file that is cut off before its end has none.
uint64_t integer(std::span<const std::byte> bytes, size_t at, size_t count) {
  if (at > bytes.size() || count > bytes.size() - at)
    fail(ErrorCode::kInvalidPicture, "damaged JPEG 2000: it ends before its codestream does");
  uint64_t value = 0;
  for (const std::byte byte : bytes.subspan(at, count)) value = value << 8 | std::to_integer<uint64_t>(byte);
  return value;
}

// What the box of that name in a JP2 file holds, or the file itself.
std::span<const std::byte> codestream_of(std::span<const std::byte> file) {
  if (integer(file, 0, 2) == kStart) return file;
  for (;;) {
    const uint64_t stated = integer(file, 0, 4), kind = integer(file, 4, 4);
    const size_t head = stated == 1 ? 16 : 8;  // 1: the size follows in eight bytes; 0: up to the end
    const uint64_t size = stated == 1 ? integer(file, 8, 8) : stated == 0 ? file.size() : stated;
    if (kind == kCodestreamBox) return file.subspan(head);
    file = file.subspan(std::min<uint64_t>(std::max<uint64_t>(size, head), file.size()));
  }
}

}  // namespace

void require_tiles(std::span<const std::byte> file, size_t tile_count) {
  const auto codestream = codestream_of(file);
  std::vector<bool> is_there(tile_count);
  for (size_t at = 2;;) {
    const uint64_t marker = integer(codestream, at, 2);
    if (marker == kEnd) break;
    if (marker != kTilePart) {
      at += 2 + static_cast<size_t>(integer(codestream, at + 2, 2));
      continue;
    }
    const uint64_t tile = integer(codestream, at + 4, 2), size = integer(codestream, at + 6, 4);
    if (tile < tile_count) is_there[static_cast<size_t>(tile)] = true;
    if (size == 0) break;  // the last one, up to the end
    at += static_cast<size_t>(std::max<uint64_t>(size, 12));
  }
  const auto missing = std::count(is_there.begin(), is_there.end(), false);
  if (missing != 0)
    fail(ErrorCode::kInvalidPicture, "damaged JPEG 2000: {} of its {} tiles are missing", missing,
         tile_count);
}

}  // namespace slipway
