// TIFF by libtiff, without its access to files and without its messages.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// The first picture of the file: bilevel, grey, palette, RGB and CMYK of 1, 2, 4, 8 or 16 bits a sample, with
// or without alpha, in strips or tiles, channels together or apart; YCbCr of 8 bits. All compressions but the
// withdrawn form of JPEG. CMYK becomes RGB by R = (255 - C) * (255 - K) / 255; see decode_picture.
StoredPicture decode_tiff(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
