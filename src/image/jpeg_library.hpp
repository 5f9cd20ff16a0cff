// libjpeg's errors as ours, for reading and writing. libjpeg reports an error by a callback that must not
// return; ours jumps, and a jump must not pass over a destructor: so all calls of libjpeg stand in lambdas
// that hold nothing with one, and the jump ends in `run`, below them.
#pragma once

// clang-format off: jpeglib.h needs what stdio.h declares
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on
#include <setjmp.h>

#include <cstddef>
#include <type_traits>

#include "base/error.hpp"

namespace slipway {

class JpegErrors {
 public:
  // For the `err` of a codec's structure. This object must not move afterwards.
  jpeg_error_mgr* manager() {
    jpeg_std_error(&manager_);
    manager_.error_exit = on_error;
    manager_.emit_message = on_message;
    return &manager_;
  }

  // Calls body(); if libjpeg fails in it, throws an Error with `code`, or a better one that libjpeg's
  // suggests, and the text "`doing`: reason".
  template <typename Body>
  void run(ErrorCode code, const char* doing, Body body) {
    static_assert(std::is_trivially_destructible_v<Body>);
    if (setjmp(jump_) != 0) fail_with_message(code, doing);
    body();
  }

  // Ends `run` from within a callback of ours.
  [[noreturn]] static void stop(j_common_ptr codec, const char* reason);

 private:
  static void on_error(j_common_ptr codec);
  static void on_message(j_common_ptr codec, int level);
  [[noreturn]] void fail_with_message(ErrorCode code, const char* doing) const;

  jpeg_error_mgr manager_{};  // the first member: libjpeg hands its address back
  jmp_buf jump_;
  char message_[JMSG_LENGTH_MAX] = "";
};

}  // namespace slipway
