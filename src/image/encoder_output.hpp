// The way from a C library's output callback to a file whose errors are exceptions, which must not pass
// through the library: an exception is kept, the callback reports failure in the library's way, and the
// encoder throws it once the library has returned.
#pragma once

#include <exception>
#include <utility>

#include "base/atomic_file.hpp"

namespace slipway {

class EncoderOutput {
 public:
  explicit EncoderOutput(AtomicFile& file) : file_(file) {}

  // False when writing failed.
  bool write(const void* bytes, size_t count) noexcept {
    try {
      file_.write({static_cast<const std::byte*>(bytes), count});
      return true;
    } catch (...) {
      error_ = std::current_exception();
      return false;
    }
  }
  // Throws what `write` caught, if it did.
  void rethrow() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  AtomicFile& file_;
  std::exception_ptr error_;
};

}  // namespace slipway
