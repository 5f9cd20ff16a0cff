#ifndef SLIPWAY_WITHOUT_JPEG2000

#include "image/jpeg2000_reader.hpp"

#include <openjpeg.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "image/jpeg2000_codestream.hpp"

namespace slipway {
namespace {

constexpr size_t kSignatureBytes = 12;  // of the box that begins a JP2 file

struct DestroyCodec {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct DestroyStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
struct DestroyImage {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};

// What OpenJPEG reads from, and the first error that it reports.
struct Source {
  std::span<const std::byte> bytes;
  uint64_t position = 0;
  std::string message = {};

  [[noreturn]] void fail_damaged() const {
    fail(ErrorCode::kInvalidPicture, "damaged JPEG 2000: {}",
         message.empty() ? "its data contradict the format" : message);
  }
};

OPJ_SIZE_T read_bytes(void* to, OPJ_SIZE_T count, void* handle) {
  auto* const source = static_cast<Source*>(handle);
  const uint64_t size = source->bytes.size();
  if (source->position >= size) return static_cast<OPJ_SIZE_T>(-1);
  const uint64_t taken = std::min<uint64_t>(count, size - source->position);
  std::memcpy(to, source->bytes.data() + source->position, taken);
  source->position += taken;
  return taken;
}

OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void* handle) {
  auto* const source = static_cast<Source*>(handle);
  if (count < 0) return -1;
  const uint64_t left = source->bytes.size() - std::min<uint64_t>(source->position, source->bytes.size());
  const uint64_t skipped = std::min<uint64_t>(static_cast<uint64_t>(count), left);
  source->position += skipped;
  return skipped == 0 && count > 0 ? -1 : static_cast<OPJ_OFF_T>(skipped);
}

OPJ_BOOL seek_to(OPJ_OFF_T position, void* handle) {
  auto* const source = static_cast<Source*>(handle);
  if (position < 0 || static_cast<uint64_t>(position) > source->bytes.size()) return OPJ_FALSE;
  source->position = static_cast<uint64_t>(position);
  return OPJ_TRUE;
}

void keep_error(const char* message, void* handle) {
  auto* const source = static_cast<Source*>(handle);
  if (!source->message.empty()) return;
  source->message = message;
  while (!source->message.empty() && source->message.back() == '\n') source->message.pop_back();
}

void ignore(const char*, void*) {}

bool is_jp2(std::span<const std::byte> file) {
  return file.size() >= kSignatureBytes && std::to_integer<int>(file[0]) == 0;
}

class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> file) : source_{file} {
    stream_.reset(opj_stream_create(1 << 16, OPJ_TRUE));
    codec_.reset(opj_create_decompress(is_jp2(file) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
    if (!stream_ || !codec_) fail(ErrorCode::kOutOfMemory, "no memory for reading a JPEG 2000");
    opj_stream_set_user_data(stream_.get(), &source_, nullptr);
    opj_stream_set_user_data_length(stream_.get(), file.size());
    opj_stream_set_read_function(stream_.get(), read_bytes);
    opj_stream_set_skip_function(stream_.get(), skip_bytes);
    opj_stream_set_seek_function(stream_.get(), seek_to);
    opj_set_error_handler(codec_.get(), keep_error, &source_);
    opj_set_warning_handler(codec_.get(), ignore, nullptr);
    opj_set_info_handler(codec_.get(), ignore, nullptr);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_setup_decoder(codec_.get(), &parameters);
    opj_decoder_set_strict_mode(codec_.get(), OPJ_TRUE);
  }

  const opj_image_t& read_header() {
    opj_image_t* image = nullptr;
    const OPJ_BOOL done = opj_read_header(stream_.get(), codec_.get(), &image);
    image_.reset(image);
    if (!done || !image) source_.fail_damaged();
    return *image;
  }

  // Whatever the header stated of components may have changed: a palette makes three of one.
  const opj_image_t& read_samples() {
    if (!opj_decode(codec_.get(), stream_.get(), image_.get()) ||
        !opj_end_decompress(codec_.get(), stream_.get()))
      source_.fail_damaged();
    return *image_;
  }

  size_t tile_count() const {
    opj_codestream_info_v2_t* info = opj_get_cstr_info(codec_.get());
    if (!info) fail(ErrorCode::kOutOfMemory, "no memory for reading a JPEG 2000");
    const size_t count = size_t{info->tw} * info->th;
    opj_destroy_cstr_info(&info);
    return count;
  }

  [[noreturn]] void fail_damaged() const { source_.fail_damaged(); }

 private:
  Source source_;
  std::unique_ptr<opj_stream_t, DestroyStream> stream_;
  std::unique_ptr<opj_codec_t, DestroyCodec> codec_;
  std::unique_ptr<opj_image_t, DestroyImage> image_;
};

std::span<const opj_image_comp_t> components_of(const opj_image_t& image) {
  return {image.comps, image.numcomps};
}

// The layout that components state; throws for those that are not read.
PictureLayout layout_of(const opj_image_t& image) {
  if (image.numcomps < 1 || image.numcomps > 4)
    fail(ErrorCode::kUnsupported, "a JPEG 2000 of {} components; 1 to 4 are read", image.numcomps);
  const auto components = components_of(image);
  PictureLayout layout{.width = image.x1 - image.x0,
                       .height = image.y1 - image.y0,
                       .channels = static_cast<int>(image.numcomps),
                       .depth = 8};
  if (image.x1 <= image.x0 || image.y1 <= image.y0)
    fail(ErrorCode::kInvalidPicture, "damaged JPEG 2000: it has no pixels");
  for (const opj_image_comp_t& one : components) {
    if (one.sgnd != 0 || one.prec < 1 || one.prec > 16)
      fail(ErrorCode::kUnsupported,
           "a JPEG 2000 of {} components of {} bits; unsigned ones of 1 to 16 are read",
           one.sgnd != 0 ? "signed" : "unsigned", one.prec);
    if (one.prec > 8) layout.depth = 16;
  }
  return layout;
}

void check_memory(const PictureLayout& layout, const PictureLimits& limits) {
  check_limits("JPEG 2000", layout, limits);
  const uint64_t samples = layout.pixels() * static_cast<uint64_t>(layout.channels);
  if (samples > limits.max_bytes / 4)
    fail(ErrorCode::kOutOfMemory,
         "JPEG 2000 of {}x{} pixels and {} channels takes {} bytes to decode; the limit is {}", layout.width,
         layout.height, layout.channels, samples * 8, limits.max_bytes * 2);
}

// A component's samples at places of the picture, scaled to its range.
class Plane {
 public:
  Plane(const opj_image_t& image, const opj_image_comp_t& component, int depth)
      : component_(component),
        full_((1U << depth) - 1),
        highest_((1U << component.prec) - 1),
        left_(image.x0),
        top_(image.y0) {}
  uint32_t at(uint32_t x, uint32_t y) const {
    const uint32_t column = std::min((left_ + x) / component_.dx - component_.x0, component_.w - 1);
    const uint32_t row = std::min((top_ + y) / component_.dy - component_.y0, component_.h - 1);
    const int32_t stored = component_.data[size_t{row} * component_.w + column];
    const auto sample = static_cast<uint64_t>(std::clamp<int64_t>(stored, 0, highest_));
    return static_cast<uint32_t>((sample * full_ * 2 + highest_) / (2 * uint64_t{highest_}));
  }

 private:
  const opj_image_comp_t& component_;
  uint32_t full_;
  uint32_t highest_;
  uint32_t left_;
  uint32_t top_;
};

// ITU-R BT.601 of the full range, as JPEG's.
void convert_ycc(uint32_t* pixel, uint32_t full) {
  const double centre = (full + 1.0) / 2, y = pixel[0], cb = pixel[1] - centre, cr = pixel[2] - centre;
  const auto rounded = [full](double value) {
    return static_cast<uint32_t>(std::clamp(std::floor(value + 0.5), 0.0, static_cast<double>(full)));
  };
  pixel[0] = rounded(y + 1.402 * cr);
  pixel[1] = rounded(y - 0.344136 * cb - 0.714136 * cr);
  pixel[2] = rounded(y + 1.772 * cb);
}

template <typename Sample>
void fill(Picture& picture, const opj_image_t& image) {
  std::vector<Plane> planes;
  for (const opj_image_comp_t& one : components_of(image)) planes.emplace_back(image, one, picture.depth());
  const bool is_ycc = image.color_space == OPJ_CLRSPC_SYCC && planes.size() >= 3;
  for (uint32_t y = 0; y < picture.height(); ++y) {
    auto out = picture.row<Sample>(y).begin();
    for (uint32_t x = 0; x < picture.width(); ++x) {
      uint32_t pixel[4] = {};
      for (size_t c = 0; c < planes.size(); ++c) pixel[c] = planes[c].at(x, y);
      if (is_ycc) convert_ycc(pixel, (1U << picture.depth()) - 1);
      for (size_t c = 0; c < planes.size(); ++c) *out++ = static_cast<Sample>(pixel[c]);
    }
  }
}

}  // namespace

StoredPicture decode_jpeg2000(std::span<const std::byte> file, const PictureLimits& limits) {
  Decoder decoder(file);
  check_memory(layout_of(decoder.read_header()), limits);
  const opj_image_t& image = decoder.read_samples();
  require_tiles(file, decoder.tile_count());
  const PictureLayout layout = layout_of(image);
  check_memory(layout, limits);
  if (image.color_space == OPJ_CLRSPC_CMYK || image.color_space == OPJ_CLRSPC_EYCC)
    fail(ErrorCode::kUnsupported, "a JPEG 2000 of CMYK or e-YCC colours");
  for (const opj_image_comp_t& one : components_of(image))
    if (!one.data || one.w == 0 || one.h == 0 || one.dx == 0 || one.dy == 0) decoder.fail_damaged();
  Picture picture(layout);
  layout.depth == 16 ? fill<uint16_t>(picture, image) : fill<uint8_t>(picture, image);
  return {std::move(picture)};
}

}  // namespace slipway

#endif  // SLIPWAY_WITHOUT_JPEG2000
