#include "image/jpeg_library.hpp"

#include <algorithm>

namespace slipway {
namespace {

// What libjpeg warns about and paints over, but which means that samples were lost.
constexpr int kDamage[] = {JWRN_ARITH_BAD_CODE, JWRN_HIT_MARKER,  JWRN_HUFF_BAD_CODE,
                           JWRN_JPEG_EOF,       JWRN_MUST_RESYNC, JWRN_NOT_SEQUENTIAL};
constexpr int kNotSupported[] = {JERR_BAD_PRECISION,   JERR_CONVERSION_NOTIMPL, JERR_ARITH_NOTIMPL,
                                 JERR_SOF_UNSUPPORTED, JERR_CCIR601_NOTIMPL,    JERR_FRACT_SAMPLE_NOTIMPL};
constexpr int kOutOfMemoryCodes[] = {JERR_OUT_OF_MEMORY, JERR_NO_BACKING_STORE, JERR_WIDTH_OVERFLOW};

template <size_t kSize>
bool contains(const int (&list)[kSize], int code) {
  return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

static_assert(std::is_standard_layout_v<JpegErrors>, "the address of the first member is that of the object");

}  // namespace

void JpegErrors::on_error(j_common_ptr codec) {
  auto* const self = reinterpret_cast<JpegErrors*>(codec->err);
  codec->err->format_message(codec, self->message_);
  longjmp(self->jump_, 1);
}

void JpegErrors::stop(j_common_ptr codec, const char* reason) {
  auto* const self = reinterpret_cast<JpegErrors*>(codec->err);
  codec->err->msg_code = 0;
  snprintf(self->message_, sizeof(self->message_), "%s", reason);
  longjmp(self->jump_, 1);
}

void JpegErrors::on_message(j_common_ptr codec, int level) {
  if (level < 0 && contains(kDamage, codec->err->msg_code)) on_error(codec);
}

void JpegErrors::fail_with_message(ErrorCode code, const char* doing) const {
  if (contains(kNotSupported, manager_.msg_code)) code = ErrorCode::kUnsupported;
  if (contains(kOutOfMemoryCodes, manager_.msg_code)) code = ErrorCode::kOutOfMemory;
  fail(code, "{}: {}", doing, message_);
}

}  // namespace slipway
