#include "image/picture_limits.hpp"

#include "base/error.hpp"

namespace slipway {

void check_limits(const char* format, const PictureLayout& layout, const PictureLimits& limits) {
  if (layout.pixels() > limits.max_pixels)
    fail(ErrorCode::kOutOfMemory, "{} of {}x{} pixels exceeds the limit of {} pixels", format, layout.width,
         layout.height, limits.max_pixels);
  if (layout.pixels() > limits.max_bytes / layout.pixel_bytes())
    fail(ErrorCode::kOutOfMemory, "{} of {}x{} pixels, {} channels of {} bits exceeds the limit of {} bytes",
         format, layout.width, layout.height, layout.channels, layout.depth, limits.max_bytes);
  // What the libraries take is theirs: it must fit beside the picture, but only the picture is counted.
  const MemoryCharge fits(2 * layout.bytes());
}

}  // namespace slipway
