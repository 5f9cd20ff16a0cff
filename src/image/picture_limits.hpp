// How large a picture a file may claim to be. Looked at before memory is taken, since a file of a few bytes
// can state any size.
#pragma once

#include <cstdint>

#include "image/picture.hpp"

namespace slipway {

struct PictureLimits {
  // 100 megapixels: a 10000 x 10000 picture, more than nearly every camera's.
  uint64_t max_pixels = 100'000'000;
  // Of decoded samples, 512 MiB: 100 megapixels of 8-bit RGBA fit, or 67 of 16-bit RGBA. The libraries need
  // up to about as much again while they decode, and so does turning a picture upright.
  uint64_t max_bytes = uint64_t{512} << 20;
};

// Throws kOutOfMemory, naming the limit, when a picture of `format` ("PNG") with this layout exceeds one, or
// the limit of the thread's memory account.
void check_limits(const char* format, const PictureLayout& layout, const PictureLimits& limits);

}  // namespace slipway
