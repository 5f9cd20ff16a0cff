// WebP by libwebp. The format is not one for streaming: rows are collected in libwebp's own picture.
#include <webp/encode.h>

#include "base/error.hpp"
#include "image/encoder_output.hpp"
#include "image/picture_encoder.hpp"

namespace slipway {
namespace {

// Of 0 to 9, for lossless: 6 saves a few percent and takes several times as long.
constexpr int kLosslessEffort = 3;

class WebpEncoder final : public PictureEncoder {
 public:
  WebpEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options);
  ~WebpEncoder() override { WebPPictureFree(&picture_); }
  WebpEncoder(const WebpEncoder&) = delete;
  WebpEncoder& operator=(const WebpEncoder&) = delete;

  void write_row(const std::byte* row) override;
  void finish() override;

 private:
  static int write_bytes(const uint8_t* bytes, size_t count, const WebPPicture* picture) {
    return static_cast<WebpEncoder*>(picture->custom_ptr)->output_.write(bytes, count) ? 1 : 0;
  }

  EncoderOutput output_;
  int channels_;
  uint32_t rows_ = 0;
  WebPConfig config_;
  WebPPicture picture_;
};

WebpEncoder::WebpEncoder(AtomicFile& file, const PictureLayout& layout, const PictureOptions& options)
    : output_(file), channels_(layout.channels) {
  if (WebPConfigInit(&config_) == 0 || WebPPictureInit(&picture_) == 0)
    fail(ErrorCode::kInternal, "libwebp is of another version");
  config_.quality = static_cast<float>(options.webp_quality);
  if (options.webp_lossless) WebPConfigLosslessPreset(&config_, kLosslessEffort);
  config_.exact = 1;  // keep the colours of transparent pixels
  picture_.use_argb = 1;
  picture_.width = static_cast<int>(layout.width);
  picture_.height = static_cast<int>(layout.height);
  picture_.writer = write_bytes;
  picture_.custom_ptr = this;
  if (WebPPictureAlloc(&picture_) == 0)
    fail(ErrorCode::kOutOfMemory, "no memory for a WebP of {}x{} pixels", layout.width, layout.height);
}

void WebpEncoder::write_row(const std::byte* row) {
  const bool colour = channels_ >= 3;
  const bool alpha = channels_ % 2 == 0;
  uint32_t* const target = picture_.argb + static_cast<ptrdiff_t>(rows_) * picture_.argb_stride;
  for (int x = 0; x < picture_.width; ++x) {
    const auto sample = [&](int channel) { return std::to_integer<uint32_t>(row[channel]); };
    const uint32_t opacity = alpha ? sample(channels_ - 1) : 0xff;
    target[x] = opacity << 24 | sample(0) << 16 | sample(colour ? 1 : 0) << 8 | sample(colour ? 2 : 0);
    row += channels_;
  }
  ++rows_;
}

void WebpEncoder::finish() {
  if (WebPEncode(&config_, &picture_) != 0) return;
  output_.rethrow();
  if (picture_.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
      picture_.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
    fail(ErrorCode::kOutOfMemory, "no memory for writing a WebP");
  fail(ErrorCode::kInternal, "cannot write a WebP: libwebp's error {}",
       static_cast<int>(picture_.error_code));
}

}  // namespace

void check_webp_layout(const PictureLayout& layout, const PictureOptions& options) {
  if (layout.depth != 8)
    fail(ErrorCode::kInvalidArgument, "WebP has samples of 8 bits, not {}; write a PNG", layout.depth);
  if (layout.width > WEBP_MAX_DIMENSION || layout.height > WEBP_MAX_DIMENSION)
    fail(ErrorCode::kInvalidArgument, "{}x{} pixels are more than a WebP of {} on a side holds; write a PNG",
         layout.width, layout.height, WEBP_MAX_DIMENSION);
  if (options.webp_quality < 0 || options.webp_quality > 100)
    fail(ErrorCode::kInvalidArgument, "the quality of a WebP is 0 to 100, not {}", options.webp_quality);
}

std::unique_ptr<PictureEncoder> make_webp_encoder(AtomicFile& file, const PictureLayout& layout,
                                                  const PictureOptions& options) {
  return std::make_unique<WebpEncoder>(file, layout, options);
}

}  // namespace slipway
