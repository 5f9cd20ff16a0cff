#ifndef SLIPWAY_WITHOUT_TIFF

#include "image/tiff_library.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace slipway {
namespace {

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

}  // namespace

TiffFile::TiffFile(std::span<const std::byte> file, uint64_t most_bytes) : file_(file) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) fail(ErrorCode::kOutOfMemory, "no memory for reading a TIFF");
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(most_bytes));
  // m: the library reads through us, and no mapping.
  tiff_ = TIFFClientOpenExt("TIFF", "rm", this, read, refuse_write, seek, close, size, nullptr, nullptr,
                            options.get());
  if (!tiff_) fail_damaged();
}

void TiffFile::fail_damaged() const {
  fail(ErrorCode::kInvalidPicture, "damaged TIFF: {}",
       message_[0] != 0 ? message_ : "its data contradict the format");
}

tmsize_t TiffFile::read(thandle_t handle, void* to, tmsize_t count) {
  auto* const self = static_cast<TiffFile*>(handle);
  const uint64_t left = self->file_.size() - std::min<uint64_t>(self->position_, self->file_.size());
  const uint64_t taken = std::min<uint64_t>(left, count < 0 ? 0 : static_cast<uint64_t>(count));
  if (taken > 0) std::memcpy(to, self->file_.data() + self->position_, taken);
  self->position_ += taken;
  return static_cast<tmsize_t>(taken);
}

toff_t TiffFile::seek(thandle_t handle, toff_t offset, int from) {
  auto* const self = static_cast<TiffFile*>(handle);
  const uint64_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? self->position_ : self->file_.size();
  return self->position_ = base + offset;
}

toff_t TiffFile::size(thandle_t handle) {
  return static_cast<TiffFile*>(handle)->file_.size();
}

int TiffFile::on_error(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  auto* const self = static_cast<TiffFile*>(handle);
  // The first says most.
  if (self->message_[0] == 0) std::vsnprintf(self->message_, sizeof(self->message_), format, arguments);
  return 1;
}

}  // namespace slipway

#endif  // SLIPWAY_WITHOUT_TIFF
