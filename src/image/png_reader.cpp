#include "image/png_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "image/png_library.hpp"

namespace slipway {
namespace {

// Chunks that libpng would read and this reader has no use for, as names of four letters and a zero each.
constexpr png_byte kSkippedChunks[] =
    "bKGD\0cHRM\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
constexpr int kSkippedCount = static_cast<int>(sizeof(kSkippedChunks) / 5);
constexpr png_alloc_size_t kMostChunkBytes = 8'000'000;  // of one chunk other than IDAT
constexpr png_uint_32 kMostSide = 0x7fffffff;            // what the format can state; the limits decide

// Deflate never expands by more than this, so a file that is far too short for its size is known to be
// truncated before memory is taken for it.
constexpr uint64_t kBestCompression = 1032;

class PngDecoder {
 public:
  explicit PngDecoder(std::span<const std::byte> file);
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  PictureLayout read_header();
  uint64_t stored_bytes() const;
  void read_samples(Picture& picture);
  Orientation orientation();

 private:
  static void read_bytes(png_structp png, png_bytep to, size_t count);
  int start(const PictureLayout& layout);
  template <typename Body>
  void run(Body body) {
    if (!PngErrors::guarded(png_, body))
      fail(ErrorCode::kInvalidPicture, "damaged PNG: {}", errors_.message());
  }

  std::span<const std::byte> file_;
  size_t position_ = 0;
  PngErrors errors_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

PngDecoder::PngDecoder(std::span<const std::byte> file) : file_(file) {
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::on_error, PngErrors::on_warning);
  if (png_) info_ = png_create_info_struct(png_);
  const bool ready =
      info_ && PngErrors::guarded(png_, [this] {
        png_set_read_fn(png_, this, read_bytes);
        png_set_user_limits(png_, kMostSide, kMostSide);
        png_set_chunk_malloc_max(png_, kMostChunkBytes);
        png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kSkippedChunks, kSkippedCount);
      });
  if (ready) return;
  png_destroy_read_struct(&png_, &info_, nullptr);
  fail(ErrorCode::kOutOfMemory, "no memory for reading a PNG");
}

void PngDecoder::read_bytes(png_structp png, png_bytep to, size_t count) {
  auto* const self = static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (count > self->file_.size() - self->position_) png_error(png, "the file is truncated");
  std::memcpy(to, self->file_.data() + self->position_, count);
  self->position_ += count;
}

PictureLayout PngDecoder::read_header() {
  run([this] { png_read_info(png_, info_); });
  const int type = png_get_color_type(png_, info_);
  const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
  return {.width = png_get_image_width(png_, info_),
          .height = png_get_image_height(png_, info_),
          .channels = ((type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1) + (alpha ? 1 : 0),
          .depth = std::max<int>(png_get_bit_depth(png_, info_), 8)};
}

// Bytes of the samples as stored, before the compression and without what begins each row.
uint64_t PngDecoder::stored_bytes() const {
  const uint64_t bits = static_cast<uint64_t>(png_get_bit_depth(png_, info_)) * png_get_channels(png_, info_);
  return (bits * png_get_image_width(png_, info_) + 7) / 8 * png_get_image_height(png_, info_);
}

// Only now does libpng take memory for a row, which may be as wide as the picture is large.
int PngDecoder::start(const PictureLayout& layout) {
  int passes = 1;
  run([this, &passes] {
    png_set_expand(png_);  // palette to RGB, 1, 2 and 4 bits to 8, a transparent colour to alpha
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
    passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  });
  if (png_get_rowbytes(png_, info_) != layout.row_bytes())
    fail(ErrorCode::kInternal, "libpng gives rows of {} bytes where {} were expected",
         png_get_rowbytes(png_, info_), layout.row_bytes());
  return passes;
}

void PngDecoder::read_samples(Picture& picture) {
  const int passes = start(picture.layout());
  png_bytep const samples = reinterpret_cast<png_bytep>(picture.bytes().data());
  const size_t stride = picture.layout().row_bytes();
  const uint32_t height = picture.height();
  run([this, passes, samples, stride, height] {
    for (int pass = 0; pass < passes; ++pass)
      for (uint32_t y = 0; y < height; ++y) png_read_row(png_, samples + y * stride, nullptr);
    png_read_end(png_, info_);
  });
}

Orientation PngDecoder::orientation() {
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(png_, info_, &size, &exif) == 0 || !exif) return Orientation::kUpright;
  return read_orientation(std::as_bytes(std::span(exif, size)));
}

}  // namespace

StoredPicture decode_png(std::span<const std::byte> file, const PictureLimits& limits) {
  PngDecoder decoder(file);
  const PictureLayout layout = decoder.read_header();
  check_limits("PNG", layout, limits);
  if (decoder.stored_bytes() / kBestCompression > file.size())
    fail(ErrorCode::kInvalidPicture, "damaged PNG: {} bytes cannot hold {}x{} pixels; the file is truncated",
         file.size(), layout.width, layout.height);
  Picture picture(layout);
  decoder.read_samples(picture);
  return {std::move(picture), decoder.orientation()};
}

}  // namespace slipway
