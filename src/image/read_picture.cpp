#include "image/read_picture.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "image/jpeg_reader.hpp"
#include "image/png_reader.hpp"
#include "image/webp_reader.hpp"

namespace slipway {
namespace {

using namespace std::string_view_literals;

// How a file of a format begins: `prefix` at its start and `tag` at `offset`.
struct Signature {
  const char* format;
  Picture (*decode)(std::span<const std::byte>, const PictureLimits&);  // null: known, but not read
  std::string_view prefix;
  size_t offset = 0;
  std::string_view tag = {};
};

constexpr Signature kSignatures[] = {
    {"PNG", decode_png, "\x89PNG\r\n\x1a\n"sv},
    {"JPEG", decode_jpeg, "\xff\xd8\xff"sv},
    {"WebP", decode_webp, "RIFF"sv, 8, "WEBP"sv},
    {"GIF", nullptr, "GIF8"sv},
    {"BMP", nullptr, "BM"sv},
    {"TIFF", nullptr, "II*\0"sv},
    {"TIFF", nullptr, "MM\0*"sv},
    {"JPEG 2000", nullptr, "\0\0\0\x0cjP  "sv},
    {"AVIF", nullptr, ""sv, 4, "ftypavif"sv},
    {"HEIC", nullptr, ""sv, 4, "ftypheic"sv},
};

bool matches(std::string_view file, const Signature& signature) {
  return file.starts_with(signature.prefix) && file.size() >= signature.offset &&
         file.substr(signature.offset).starts_with(signature.tag);
}

}  // namespace

Picture decode_picture(std::span<const std::byte> file, const PictureLimits& limits) {
  if (file.empty()) fail(ErrorCode::kInvalidPicture, "an empty file is not a picture");
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const Signature& signature : kSignatures) {
    if (!matches(text, signature)) continue;
    if (!signature.decode)
      fail(ErrorCode::kUnsupported, "{} is not read; convert it to PNG, JPEG or WebP", signature.format);
    return signature.decode(file, limits);
  }
  std::string begin;
  for (const std::byte byte : file.first(std::min<size_t>(file.size(), 8)))
    begin += fmt::format(" {:02x}", std::to_integer<int>(byte));
  fail(ErrorCode::kInvalidPicture, "not a PNG, JPEG or WebP: the file begins with{}", begin);
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
