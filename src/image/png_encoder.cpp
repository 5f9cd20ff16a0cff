// PNG by libpng, not interlaced.
#include <bit>

#include "base/error.hpp"
#include "image/encoder_output.hpp"
#include "image/picture_encoder.hpp"
#include "image/png_library.hpp"

namespace slipway {
namespace {

constexpr png_uint_32 kMostSide = 0x7fffffff;
constexpr int kColourTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};

class PngEncoder final : public PictureEncoder {
 public:
  PngEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options);
  ~PngEncoder() override { png_destroy_write_struct(&png_, &info_); }
  PngEncoder(const PngEncoder&) = delete;
  PngEncoder& operator=(const PngEncoder&) = delete;

  void write_row(const std::byte* row) override;
  void finish() override {
    run([this] { png_write_end(png_, info_); });
  }

 private:
  static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    if (!static_cast<PngEncoder*>(png_get_io_ptr(png))->output_.write(bytes, count))
      png_error(png, "write error");
  }
  static void flush(png_structp) {}
  void write_header(const PictureLayout& layout, const PictureOptions& options);
  template <typename Body>
  void run(Body body) {
    if (PngErrors::guarded(png_, body)) return;
    output_.rethrow();
    fail(ErrorCode::kInternal, "cannot write a PNG: {}", errors_.message());
  }

  EncoderOutput output_;
  PngErrors errors_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

PngEncoder::PngEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options)
    : output_(file) {
  png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::on_error, PngErrors::on_warning);
  if (png_) info_ = png_create_info_struct(png_);
  try {
    if (!info_) fail(ErrorCode::kOutOfMemory, "no memory for writing a PNG");
    write_header(layout, options);
  } catch (...) {
    png_destroy_write_struct(&png_, &info_);
    throw;
  }
}

void PngEncoder::write_header(const PictureLayout& layout, const PictureOptions& options) {
  run([this, &layout, &options] {
    png_set_write_fn(png_, this, write_bytes, flush);
    png_set_user_limits(png_, kMostSide, kMostSide);
    png_set_compression_level(png_, options.png_compression);
    png_set_IHDR(png_, info_, layout.width, layout.height, layout.depth, kColourTypes[layout.channels - 1],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    if constexpr (std::endian::native == std::endian::little) {
      if (layout.depth == 16) png_set_swap(png_);
    }
  });
}

void PngEncoder::write_row(const std::byte* row) {
  run([this, row] { png_write_row(png_, reinterpret_cast<png_const_bytep>(row)); });
}

}  // namespace

void check_png_layout(const PictureLayout& layout, const PictureOptions& options) {
  if (layout.width > kMostSide || layout.height > kMostSide)
    fail(ErrorCode::kInvalidArgument, "{}x{} pixels are more than a PNG holds", layout.width, layout.height);
  if (options.png_compression < 0 || options.png_compression > 9)
    fail(ErrorCode::kInvalidArgument, "the compression of a PNG is 0 to 9, not {}", options.png_compression);
}

std::unique_ptr<PictureEncoder> make_png_encoder(AtomicFile& file, const PictureLayout& layout,
                                                 const PictureOptions& options) {
  return std::make_unique<PngEncoder>(file, layout, options);
}

}  // namespace slipway
