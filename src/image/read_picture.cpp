#include "image/read_picture.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "image/bmp_reader.hpp"
#include "image/jpeg2000_reader.hpp"
#include "image/jpeg_reader.hpp"
#include "image/png_reader.hpp"
#include "image/pnm_reader.hpp"
#include "image/tiff_reader.hpp"
#include "image/webp_reader.hpp"

namespace slipway {
namespace {

using namespace std::string_view_literals;

using Decode = StoredPicture (*)(std::span<const std::byte>, const PictureLimits&);

#ifdef SLIPWAY_WITHOUT_TIFF
constexpr Decode kTiff = nullptr;
#else
constexpr Decode kTiff = decode_tiff;
#endif
#ifdef SLIPWAY_WITHOUT_JPEG2000
constexpr Decode kJpeg2000 = nullptr;
#else
constexpr Decode kJpeg2000 = decode_jpeg2000;
#endif

// How a file of a format begins: `prefix` at its start and `tag` at `offset`.
struct Signature {
  const char* format;
  Decode decode;  // null: known, but not read
  std::string_view prefix;
  size_t offset = 0;
  std::string_view tag = {};
};

constexpr Signature kSignatures[] = {
    {"PNG", decode_png, "\x89PNG\r\n\x1a\n"sv},
    {"JPEG", decode_jpeg, "\xff\xd8\xff"sv},
    {"WebP", decode_webp, "RIFF"sv, 8, "WEBP"sv},
    {"BMP", decode_bmp, "BM"sv},
    {"PNM", decode_pnm, "P1"sv},
    {"PNM", decode_pnm, "P2"sv},
    {"PNM", decode_pnm, "P3"sv},
    {"PNM", decode_pnm, "P4"sv},
    {"PNM", decode_pnm, "P5"sv},
    {"PNM", decode_pnm, "P6"sv},
    {"PNM", decode_pnm, "P7"sv},
    {"TIFF", kTiff, "II*\0"sv},
    {"TIFF", kTiff, "MM\0*"sv},
    {"TIFF", kTiff, "II+\0"sv},
    {"TIFF", kTiff, "MM\0+"sv},
    {"JPEG 2000", kJpeg2000, "\0\0\0\x0cjP  \r\n\x87\n"sv},
    {"JPEG 2000", kJpeg2000, "\xff\x4f\xff\x51"sv},
    {"GIF", nullptr, "GIF8"sv},
    {"AVIF", nullptr, ""sv, 4, "ftypavif"sv},
    {"HEIC", nullptr, ""sv, 4, "ftypheic"sv},
};

bool matches(std::string_view file, const Signature& signature) {
  return file.starts_with(signature.prefix) && file.size() >= signature.offset &&
         file.substr(signature.offset).starts_with(signature.tag);
}

StoredPicture decode(std::span<const std::byte> file, const PictureLimits& limits) {
  if (file.empty()) fail(ErrorCode::kInvalidPicture, "an empty file is not a picture");
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const Signature& signature : kSignatures) {
    if (!matches(text, signature)) continue;
    if (!signature.decode)
      fail(ErrorCode::kUnsupported, "{} is not read by this build; convert it to PNG, JPEG or WebP",
           signature.format);
    return signature.decode(file, limits);
  }
  std::string begin;
  for (const std::byte byte : file.first(std::min<size_t>(file.size(), 8)))
    begin += fmt::format(" {:02x}", std::to_integer<int>(byte));
  fail(ErrorCode::kInvalidPicture,
       "not a PNG, JPEG, WebP, BMP, PNM, TIFF or JPEG 2000: the file begins with{}", begin);
}

}  // namespace

Picture decode_picture(std::span<const std::byte> file, const PictureLimits& limits) {
  StoredPicture stored = decode(file, limits);
  return upright(std::move(stored.picture), stored.orientation);
}

Picture decode_stored_picture(std::span<const std::byte> file, const PictureLimits& limits) {
  return decode(file, limits).picture;
}

Picture read_picture(const std::filesystem::path& path, const PictureLimits& limits) {
  const MappedFile file(path);
  return with_context([&] { return fmt::format("picture '{}'", path.string()); },
                      [&] {
                        Picture picture = decode_picture(file.data(), limits);
                        file.check_undamaged();
                        return picture;
                      });
}

}  // namespace slipway
