// libpng's errors as ours. libpng reports an error by a jump, and a jump must not pass over a destructor: so
// all calls of libpng stand in lambdas that hold nothing with one, and the jump ends in `guarded`, below
// them.
#pragma once

#include <png.h>

#include <cstdio>
#include <type_traits>

namespace slipway {

class PngErrors {
 public:
  // For png_create_read_struct and png_create_write_struct, with a PngErrors* as their error_ptr.
  static void on_error(png_structp png, png_const_charp message) {
    auto* const self = static_cast<PngErrors*>(png_get_error_ptr(png));
    std::snprintf(self->message_, sizeof(self->message_), "%s", message);
    png_longjmp(png, 1);
  }
  // Warnings are about what this reader has no use for, or about what it repairs.
  static void on_warning(png_structp, png_const_charp) {}

  // Calls body(); false if libpng failed in it, and then message() says why.
  template <typename Body>
  [[nodiscard]] static bool guarded(png_structp png, Body body) {
    static_assert(std::is_trivially_destructible_v<Body>);
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    body();
    return true;
  }

  const char* message() const { return message_; }

 private:
  char message_[256] = "";
};

}  // namespace slipway
