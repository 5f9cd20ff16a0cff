// libtiff on a file in memory. It reports errors to handlers; ours keep the first one, and say nothing to
// anybody else.
#pragma once

#include <tiffio.h>

#include <cstddef>
#include <memory>
#include <span>

#include "base/error.hpp"

namespace slipway {

class TiffFile {
 public:
  // Throws kInvalidPicture for what has no first directory. `most_bytes` is what the library may take at
  // once.
  TiffFile(std::span<const std::byte> file, uint64_t most_bytes);
  ~TiffFile() {
    if (tiff_) TIFFClose(tiff_);
  }
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* get() const { return tiff_; }
  // The tag's value, or what the standard says its default is, or `otherwise`.
  template <typename Number>
  Number tag(uint32_t name, Number otherwise) const {
    Number value = otherwise;
    return TIFFGetFieldDefaulted(tiff_, name, &value) == 1 ? value : otherwise;
  }
  // Throws kInvalidPicture, with what libtiff said of it.
  [[noreturn]] void fail_damaged() const;

 private:
  static tmsize_t read(thandle_t self, void* to, tmsize_t count);
  static tmsize_t refuse_write(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t seek(thandle_t self, toff_t offset, int from);
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t self);
  static int on_error(TIFF*, void* self, const char* module, const char* format, va_list arguments);
  static int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

  std::span<const std::byte> file_;
  uint64_t position_ = 0;
  char message_[256] = "";
  TIFF* tiff_ = nullptr;
};

}  // namespace slipway
