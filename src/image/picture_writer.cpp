#include "image/picture_writer.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/error.hpp"

namespace slipway {
namespace {

struct Format {
  const char* extension;
  void (*check)(const PictureLayout&, const PictureOptions&);
  std::unique_ptr<PictureEncoder> (*make)(AtomicFile&, const PictureLayout&, const PictureOptions&);
};

constexpr Format kFormats[] = {
    {".png", check_png_layout, make_png_encoder},
    {".jpg", check_jpeg_layout, make_jpeg_encoder},
    {".jpeg", check_jpeg_layout, make_jpeg_encoder},
    {".webp", check_webp_layout, make_webp_encoder},
};

const Format& format_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  for (const Format& format : kFormats)
    if (extension == format.extension) return format;
  fail(ErrorCode::kInvalidArgument, "cannot write '{}': its extension is none of .png, .jpg, .jpeg and .webp",
       path.string());
}

// Before there is a file.
std::filesystem::path checked(const std::filesystem::path& path, const PictureLayout& layout,
                              const PictureOptions& options) {
  const Format& format = format_of(path);
  with_context([&] { return fmt::format("picture '{}'", path.string()); },
               [&] {
                 layout.check();
                 format.check(layout, options);
               });
  return path;
}

}  // namespace

PictureWriter::PictureWriter(const std::filesystem::path& path, const PictureLayout& layout,
                             const PictureOptions& options)
    : layout_(layout),
      file_(checked(path, layout, options)),
      encoder_(format_of(path).make(file_, layout, options)) {}

void PictureWriter::write_rows(std::span<const std::byte> rows) {
  const size_t row_bytes = layout_.row_bytes();
  if (rows.size() % row_bytes != 0)
    fail(ErrorCode::kInvalidArgument, "{} bytes are not a whole number of rows of {} bytes", rows.size(),
         row_bytes);
  const size_t count = rows.size() / row_bytes;
  if (count > layout_.height - rows_written_)
    fail(ErrorCode::kInvalidArgument, "{} rows for a picture of {}, of which {} are written", count,
         layout_.height, rows_written_);
  for (size_t i = 0; i < count; ++i) {
    encoder_->write_row(rows.data() + i * row_bytes);
    ++rows_written_;
  }
}

void PictureWriter::finish() {
  if (rows_written_ != layout_.height)
    fail(ErrorCode::kInvalidArgument, "a picture of {} rows cannot be finished after {}", layout_.height,
         rows_written_);
  encoder_->finish();
  file_.commit();
}

void write_picture(const std::filesystem::path& path, const Picture& picture, const PictureOptions& options) {
  PictureWriter writer(path, picture.layout(), options);
  writer.write_rows(picture.bytes());
  writer.finish();
}

}  // namespace slipway
