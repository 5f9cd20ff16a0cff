#include "image/webp_reader.hpp"

#include <webp/decode.h>

#include <cstring>
#include <utility>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr size_t kRiffHeader = 12;  // "RIFF", size, "WEBP"
constexpr size_t kChunkHeader = 8;  // name, size

uint64_t little_endian_32(std::span<const std::byte> file, size_t offset) {
  uint64_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= std::to_integer<uint64_t>(file[offset + i]) << (8 * i);
  return value;
}

[[noreturn]] void fail_damaged(const char* reason) {
  fail(ErrorCode::kInvalidPicture, "damaged WebP: {}", reason);
}

void check(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OK:
      return;
    case VP8_STATUS_OUT_OF_MEMORY:
      fail(ErrorCode::kOutOfMemory, "no memory for reading a WebP");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      fail(ErrorCode::kUnsupported, "a WebP with a feature that libwebp does not know");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      fail_damaged("the file is truncated");
    default:
      fail_damaged("its data contradict the format");
  }
}

// libwebp paints what it has of a file that ends too early in its last chunks; the stated size tells.
std::span<const std::byte> contents(std::span<const std::byte> file) {
  if (file.size() < kRiffHeader) fail_damaged("the file is truncated");
  const uint64_t size = little_endian_32(file, 4) + kChunkHeader;
  if (size > file.size()) fail_damaged("the file is truncated");
  if (size < kRiffHeader) fail_damaged("its data contradict the format");
  return file.first(size);
}

// The EXIF chunk; some writers put JPEG's header before the TIFF structure.
Orientation orientation_of(std::span<const std::byte> file) {
  constexpr char kJpegHeader[] = {'E', 'x', 'i', 'f', 0, 0};
  size_t offset = kRiffHeader;
  while (file.size() - offset >= kChunkHeader) {
    const uint64_t size = little_endian_32(file, offset + 4);
    if (size > file.size() - offset - kChunkHeader) break;
    std::span<const std::byte> chunk = file.subspan(offset + kChunkHeader, size);
    if (std::memcmp(file.data() + offset, "EXIF", 4) == 0) {
      if (size >= sizeof(kJpegHeader) && std::memcmp(chunk.data(), kJpegHeader, sizeof(kJpegHeader)) == 0)
        chunk = chunk.subspan(sizeof(kJpegHeader));
      return read_orientation(chunk);
    }
    const uint64_t padded = size + size % 2;
    if (padded > file.size() - offset - kChunkHeader) break;
    offset += kChunkHeader + padded;
  }
  return Orientation::kUpright;
}

// Decodes straight into the picture's samples.
void decode_into(Picture& picture, std::span<const uint8_t> data) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) fail(ErrorCode::kInternal, "libwebp is of another version");
  config.output.colorspace = picture.channels() == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = reinterpret_cast<uint8_t*>(picture.bytes().data());
  config.output.u.RGBA.stride = static_cast<int>(picture.layout().row_bytes());
  config.output.u.RGBA.size = picture.bytes().size();
  const VP8StatusCode status = WebPDecode(data.data(), data.size(), &config);
  WebPFreeDecBuffer(&config.output);
  check(status);
}

}  // namespace

StoredPicture decode_webp(std::span<const std::byte> file, const PictureLimits& limits) {
  file = contents(file);
  const std::span<const uint8_t> data(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  WebPBitstreamFeatures features;
  check(WebPGetFeatures(data.data(), data.size(), &features));
  if (features.has_animation != 0)
    fail(ErrorCode::kUnsupported, "an animated WebP; save one of its frames as a picture");
  const PictureLayout layout{.width = static_cast<uint32_t>(features.width),
                             .height = static_cast<uint32_t>(features.height),
                             .channels = features.has_alpha != 0 ? 4 : 3,
                             .depth = 8};
  check_limits("WebP", layout, limits);
  Picture picture(layout);
  decode_into(picture, data);
  return {std::move(picture), orientation_of(file)};
}

}  // namespace slipway
