#include "image/bmp_header.hpp"

#include <algorithm>
#include <bit>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr size_t kFileHeader = 14;
constexpr uint32_t kCoreHeader = 12;  // OS/2 1.x: sizes of 16 bits, palette entries of 3 bytes
constexpr uint32_t kInfoHeader = 40;
constexpr uint32_t kAlphaInside =
    56;  // headers of more than 40 bytes hold masks themselves, from here on that of alpha
constexpr uint32_t kLargestHeader = 124;

// Numbers at checked offsets, the lowest byte first.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> file) : file_(file) {}
  uint32_t u16(size_t offset) const { return byte(offset) | byte(offset + 1) << 8; }
  uint32_t u32(size_t offset) const { return u16(offset) | u16(offset + 2) << 16; }
  uint32_t byte(size_t offset) const {
    if (offset >= file_.size()) fail_damaged_bmp("the file is truncated");
    return std::to_integer<uint32_t>(file_[offset]);
  }

 private:
  std::span<const std::byte> file_;
};

BmpMask mask_of(uint32_t bits, int pixel_bits) {
  if (bits == 0) return {};
  const int shift = std::countr_zero(bits);
  const uint32_t highest = bits >> shift;
  if (!std::has_single_bit(uint64_t{highest} + 1) || (pixel_bits == 16 && bits > 0xffff))
    fail_damaged_bmp("a channel's mask has gaps or lies outside of the pixel");
  return {shift, highest};
}

// Where the palette may begin: behind the header and the masks that follow one of 40 bytes.
size_t read_masks(const Fields& fields, uint32_t header_bytes, BmpHeader& header) {
  const size_t behind = kFileHeader + header_bytes;
  std::array<uint32_t, 4> masks = header.bits == 16 ? std::array<uint32_t, 4>{0x7c00, 0x3e0, 0x1f, 0}
                                                    : std::array<uint32_t, 4>{0xff0000, 0xff00, 0xff, 0};
  const bool stated = header.compression == BmpCompression::kBitFields ||
                      header.compression == BmpCompression::kAlphaBitFields;
  size_t count = 0;
  if (stated) {
    const bool has_alpha =
        header.compression == BmpCompression::kAlphaBitFields || header_bytes >= kAlphaInside;
    count = has_alpha ? 4 : 3;
    for (size_t i = 0; i < count; ++i) masks[i] = fields.u32(kFileHeader + kInfoHeader + 4 * i);
  }
  for (size_t i = 0; i < masks.size(); ++i) header.masks[i] = mask_of(masks[i], header.bits);
  return stated && header_bytes == kInfoHeader ? behind + 4 * count : behind;
}

void read_palette(const Fields& fields, size_t begin, size_t count, size_t entry_bytes, BmpHeader& header) {
  for (size_t i = 0; i < count; ++i) {
    const size_t at = begin + i * entry_bytes;  // blue, green, red
    header.palette.push_back({static_cast<uint8_t>(fields.byte(at + 2)),
                              static_cast<uint8_t>(fields.byte(at + 1)),
                              static_cast<uint8_t>(fields.byte(at))});
  }
}

bool is_grey(const std::array<uint8_t, 3>& colour) {
  return colour[0] == colour[1] && colour[1] == colour[2];
}

int channels_of(const BmpHeader& header) {
  if (header.bits <= 8) return std::all_of(header.palette.begin(), header.palette.end(), is_grey) ? 1 : 3;
  return header.masks[3].highest != 0 ? 4 : 3;
}

bool fits(BmpCompression compression, int bits) {
  switch (compression) {
    case BmpCompression::kNone:
      return true;
    case BmpCompression::kRle8:
      return bits == 8;
    case BmpCompression::kRle4:
      return bits == 4;
    case BmpCompression::kBitFields:
    case BmpCompression::kAlphaBitFields:
      return bits == 16 || bits == 32;
  }
  return false;
}

void check_kind(const BmpHeader& header, uint32_t compression) {
  if (compression == 4 || compression == 5)
    fail(ErrorCode::kUnsupported, "a BMP that holds a JPEG or PNG; save that as a picture of its own");
  const int bits[] = {1, 4, 8, 16, 24, 32};
  if (std::find(std::begin(bits), std::end(bits), header.bits) == std::end(bits) ||
      !fits(header.compression, header.bits))
    fail(ErrorCode::kUnsupported, "a BMP of {} bits a pixel and compression {}", header.bits, compression);
}

}  // namespace

void fail_damaged_bmp(const char* reason) {
  fail(ErrorCode::kInvalidPicture, "damaged BMP: {}", reason);
}

BmpHeader read_bmp_header(std::span<const std::byte> file, const PictureLimits& limits) {
  const Fields fields(file);
  const uint32_t pixels = fields.u32(10), header_bytes = fields.u32(kFileHeader);
  const bool is_core = header_bytes == kCoreHeader;
  if (!is_core && (header_bytes < 16 || header_bytes > kLargestHeader))
    fail(ErrorCode::kUnsupported, "a BMP whose header has {} bytes", header_bytes);
  // OS/2 2.x may leave out what is zero from byte 16 on.
  const auto optional = [&](size_t offset) {
    return offset + 4 <= header_bytes ? fields.u32(kFileHeader + offset) : 0;
  };
  const auto width = static_cast<int32_t>(is_core ? fields.u16(18) : fields.u32(18));
  const auto height = static_cast<int32_t>(is_core ? fields.u16(20) : fields.u32(22));
  BmpHeader header{};
  header.bits = static_cast<int>(is_core ? fields.u16(24) : fields.u16(28));
  const uint32_t compression = is_core ? 0 : optional(16);
  header.compression = static_cast<BmpCompression>(compression);
  check_kind(header, compression);
  header.top_down = height < 0;
  if (width <= 0 || height == 0 || height == INT32_MIN) fail_damaged_bmp("it has no pixels");
  header.layout.width = static_cast<uint32_t>(width);
  header.layout.height = static_cast<uint32_t>(header.top_down ? -height : height);
  check_limits("BMP", header.layout, limits);

  const size_t behind = read_masks(fields, header_bytes, header);
  if (header.bits <= 8) {
    const uint32_t most = 1U << header.bits, stated = is_core ? 0 : optional(32);
    const size_t entry = is_core ? 3 : 4, room = pixels > behind ? (pixels - behind) / entry : 0;
    read_palette(fields, behind, std::min<size_t>(stated == 0 || stated > most ? most : stated, room), entry,
                 header);
  }
  header.layout.channels = channels_of(header);
  check_limits("BMP", header.layout, limits);
  if (pixels < behind || pixels > file.size()) fail_damaged_bmp("its pixels begin outside of the file");
  header.pixels = file.subspan(pixels);
  return header;
}

}  // namespace slipway
