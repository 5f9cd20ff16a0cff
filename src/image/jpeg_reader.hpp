// JPEG by libjpeg-turbo, with its accurate inverse DCT and its smooth chroma upsampling.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// See decode_picture. A file of more than 100 scans is refused: each costs a pass over all coefficients, and
// an empty one takes few bytes.
StoredPicture decode_jpeg(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
