// JPEG by libjpeg-turbo: baseline, with its accurate DCT.
#include <array>

#include "base/error.hpp"
#include "image/encoder_output.hpp"
#include "image/jpeg_library.hpp"
#include "image/picture_encoder.hpp"

namespace slipway {
namespace {

class JpegEncoder final : public PictureEncoder {
 public:
  JpegEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options);
  ~JpegEncoder() override { jpeg_destroy_compress(&codec_); }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  void write_row(const std::byte* row) override;
  void finish() override {
    run([this] { jpeg_finish_compress(&codec_); });
  }

 private:
  // libjpeg hands a pointer to its destination back, from which the callbacks find the encoder.
  struct Destination {
    jpeg_destination_mgr manager;
    JpegEncoder* encoder;
  };

  static JpegEncoder* self_of(j_compress_ptr codec) {
    return reinterpret_cast<Destination*>(codec->dest)->encoder;
  }
  static void start_buffer(j_compress_ptr codec);
  static boolean empty_buffer(j_compress_ptr codec);
  static void end_buffer(j_compress_ptr codec);
  void write_bytes(size_t count);
  void start(const PictureLayout& layout, const PictureOptions& options);
  template <typename Body>
  void run(Body body) {
    try {
      errors_.run(ErrorCode::kInternal, "cannot write a JPEG", body);
    } catch (const Error&) {
      output_.rethrow();
      throw;
    }
  }

  EncoderOutput output_;
  JpegErrors errors_;
  Destination destination_{};
  jpeg_compress_struct codec_{};
  std::array<JOCTET, 16384> buffer_;
};

JpegEncoder::JpegEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options)
    : output_(file) {
  codec_.err = errors_.manager();
  destination_.encoder = this;
  destination_.manager.init_destination = start_buffer;
  destination_.manager.empty_output_buffer = empty_buffer;
  destination_.manager.term_destination = end_buffer;
  try {
    start(layout, options);
  } catch (...) {
    jpeg_destroy_compress(&codec_);
    throw;
  }
}

void JpegEncoder::start(const PictureLayout& layout, const PictureOptions& options) {
  run([this, &layout, &options] {
    jpeg_create_compress(&codec_);
    codec_.dest = &destination_.manager;
    codec_.image_width = layout.width;
    codec_.image_height = layout.height;
    codec_.input_components = layout.channels;
    codec_.in_color_space = layout.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&codec_);
    jpeg_set_quality(&codec_, options.jpeg_quality, TRUE);
    const int sampling = options.jpeg_subsample && layout.channels == 3 ? 2 : 1;
    codec_.comp_info[0].h_samp_factor = sampling;
    codec_.comp_info[0].v_samp_factor = sampling;
    jpeg_start_compress(&codec_, TRUE);
  });
}

void JpegEncoder::start_buffer(j_compress_ptr codec) {
  JpegEncoder* const self = self_of(codec);
  codec->dest->next_output_byte = self->buffer_.data();
  codec->dest->free_in_buffer = self->buffer_.size();
}

void JpegEncoder::write_bytes(size_t count) {
  if (!output_.write(buffer_.data(), count))
    JpegErrors::stop(reinterpret_cast<j_common_ptr>(&codec_), "write error");
}

// The whole buffer, whatever free_in_buffer says: that is libjpeg's rule.
boolean JpegEncoder::empty_buffer(j_compress_ptr codec) {
  JpegEncoder* const self = self_of(codec);
  self->write_bytes(self->buffer_.size());
  start_buffer(codec);
  return TRUE;
}

void JpegEncoder::end_buffer(j_compress_ptr codec) {
  JpegEncoder* const self = self_of(codec);
  self->write_bytes(self->buffer_.size() - codec->dest->free_in_buffer);
}

void JpegEncoder::write_row(const std::byte* row) {
  run([this, row] {
    // libjpeg does not write to its input, it only predates const.
    JSAMPROW source = const_cast<JSAMPROW>(reinterpret_cast<const JSAMPLE*>(row));
    jpeg_write_scanlines(&codec_, &source, 1);
  });
}

}  // namespace

void check_jpeg_layout(const PictureLayout& layout, const PictureOptions& options) {
  if (layout.has_alpha())
    fail(ErrorCode::kInvalidArgument, "JPEG has no alpha; write a PNG or WebP, or drop the alpha");
  if (layout.depth != 8)
    fail(ErrorCode::kInvalidArgument, "JPEG has samples of 8 bits, not {}; write a PNG", layout.depth);
  if (layout.width > JPEG_MAX_DIMENSION || layout.height > JPEG_MAX_DIMENSION)
    fail(ErrorCode::kInvalidArgument, "{}x{} pixels are more than a JPEG of {} on a side holds; write a PNG",
         layout.width, layout.height, JPEG_MAX_DIMENSION);
  if (options.jpeg_quality < 1 || options.jpeg_quality > 100)
    fail(ErrorCode::kInvalidArgument, "the quality of a JPEG is 1 to 100, not {}", options.jpeg_quality);
}

std::unique_ptr<PictureEncoder> make_jpeg_encoder(AtomicFile& file, const PictureLayout& layout,
                                                  const PictureOptions& options) {
  return std::make_unique<JpegEncoder>(file, layout, options);
}

}  // namespace slipway
