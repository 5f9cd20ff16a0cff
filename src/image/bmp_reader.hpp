// Windows bitmaps, by a reader of our own: no library of the distribution reads them alone.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// Of all headers from OS/2 1.x to version 5: 1, 4 and 8 bits with a palette, run-length encoded or not; 16,
// 24 and 32 bits, with masks or without; rows from bottom to top or from top to bottom. A palette of greys
// makes a grey picture, a mask for alpha an alpha channel. Channels of fewer than 8 bits become v * 255 /
// highest, cut, as in Pillow. See decode_picture.
StoredPicture decode_bmp(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
