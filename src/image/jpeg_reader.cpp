#include "image/jpeg_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "image/jpeg_library.hpp"

namespace slipway {
namespace {

constexpr int kMostScans = 100;
// What libjpeg may take for coefficients of a progressive file: 100 megapixels of three full components.
constexpr long kMostCoefficientBytes = 640L << 20;
constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr unsigned kLongestMarker = 0xffff;
constexpr char kExifHeader[] = {'E', 'x', 'i', 'f', 0, 0};

class JpegDecoder {
 public:
  explicit JpegDecoder(std::span<const std::byte> file);
  ~JpegDecoder() { jpeg_destroy_decompress(&codec_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  PictureLayout read_header();
  void read_samples(Picture& picture);
  Orientation orientation() const;

 private:
  static void no_op(j_decompress_ptr) {}
  static boolean end_of_file(j_decompress_ptr codec);
  static void skip(j_decompress_ptr codec, long count);
  static void limit_scans(j_common_ptr codec);
  void choose_colours();
  template <typename Body>
  void run(Body body) {
    errors_.run(ErrorCode::kInvalidPicture, "damaged JPEG", body);
  }

  JpegErrors errors_;
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct codec_{};
};

JpegDecoder::JpegDecoder(std::span<const std::byte> file) {
  codec_.err = errors_.manager();
  source_.next_input_byte = reinterpret_cast<const JOCTET*>(file.data());
  source_.bytes_in_buffer = file.size();
  source_.init_source = no_op;
  source_.fill_input_buffer = end_of_file;
  source_.skip_input_data = skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = no_op;
  progress_.progress_monitor = limit_scans;
  run([this] { jpeg_create_decompress(&codec_); });
  codec_.src = &source_;
  codec_.progress = &progress_;
  codec_.mem->max_memory_to_use = kMostCoefficientBytes;
}

// Called when the file is used up, which a whole one never is: its end marker comes first.
boolean JpegDecoder::end_of_file(j_decompress_ptr codec) {
  JpegErrors::stop(reinterpret_cast<j_common_ptr>(codec), "the file is truncated");
}

void JpegDecoder::skip(j_decompress_ptr codec, long count) {
  if (count <= 0) return;
  if (static_cast<size_t>(count) > codec->src->bytes_in_buffer) end_of_file(codec);
  codec->src->next_input_byte += count;
  codec->src->bytes_in_buffer -= static_cast<size_t>(count);
}

void JpegDecoder::limit_scans(j_common_ptr codec) {
  auto* const decompress = reinterpret_cast<j_decompress_ptr>(codec);
  if (decompress->input_scan_number > kMostScans) JpegErrors::stop(codec, "it has more than 100 scans");
}

PictureLayout JpegDecoder::read_header() {
  run([this] {
    jpeg_save_markers(&codec_, kExifMarker, kLongestMarker);
    jpeg_read_header(&codec_, TRUE);
  });
  choose_colours();
  return {.width = codec_.image_width,
          .height = codec_.image_height,
          .channels = codec_.out_color_space == JCS_GRAYSCALE ? 1 : 3,
          .depth = 8};
}

void JpegDecoder::choose_colours() {
  switch (codec_.jpeg_color_space) {
    case JCS_GRAYSCALE:
      codec_.out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_YCbCr:
    case JCS_RGB:
      codec_.out_color_space = JCS_RGB;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      codec_.out_color_space = JCS_CMYK;
      break;
    default:
      fail(ErrorCode::kUnsupported, "a JPEG of {} components whose colours are not stated",
           codec_.num_components);
  }
}

// (255 - c) * k / 255 to the nearest, in integers.
uint8_t ink(uint8_t colour, uint8_t key) {
  const int product = (255 - colour) * key + 128;
  return static_cast<uint8_t>(key - ((product + (product >> 8)) >> 8));
}

// One row of inverted CMYK.
void convert_cmyk(const uint8_t* cmyk, uint8_t* rgb, size_t pixels) {
  for (size_t i = 0; i < pixels; ++i)
    for (size_t c = 0; c < 3; ++c) rgb[3 * i + c] = ink(cmyk[4 * i + c], cmyk[4 * i + 3]);
}

void JpegDecoder::read_samples(Picture& picture) {
  run([this] { jpeg_start_decompress(&codec_); });
  const size_t width = picture.width();
  const size_t stride = picture.layout().row_bytes();
  uint8_t* const samples = reinterpret_cast<uint8_t*>(picture.bytes().data());
  std::vector<uint8_t> buffer(codec_.out_color_space == JCS_CMYK ? 4 * width : 0);
  uint8_t* const cmyk = buffer.empty() ? nullptr : buffer.data();
  run([this, samples, stride, cmyk, width] {
    while (codec_.output_scanline < codec_.output_height) {
      uint8_t* const row = samples + codec_.output_scanline * stride;
      JSAMPROW target = cmyk ? cmyk : row;
      jpeg_read_scanlines(&codec_, &target, 1);
      if (cmyk) convert_cmyk(cmyk, row, width);
    }
    jpeg_finish_decompress(&codec_);
  });
}

Orientation JpegDecoder::orientation() const {
  constexpr size_t kHeader = sizeof(kExifHeader);
  for (const jpeg_marker_struct* marker = codec_.marker_list; marker; marker = marker->next) {
    if (marker->data_length < kHeader || std::memcmp(marker->data, kExifHeader, kHeader) != 0) continue;
    return read_orientation(std::as_bytes(std::span(marker->data, marker->data_length)).subspan(kHeader));
  }
  return Orientation::kUpright;
}

}  // namespace

StoredPicture decode_jpeg(std::span<const std::byte> file, const PictureLimits& limits) {
  JpegDecoder decoder(file);
  const PictureLayout layout = decoder.read_header();
  check_limits("JPEG", layout, limits);
  Picture picture(layout);
  // Now, since libjpeg forgets the markers when it is through.
  const Orientation orientation = decoder.orientation();
  decoder.read_samples(picture);
  return {std::move(picture), orientation};
}

}  // namespace slipway
