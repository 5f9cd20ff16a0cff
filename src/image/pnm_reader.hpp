// Netpbm's portable pictures, by a reader of our own.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// P1 to P7: bitmaps, grey and RGB, as text or binary, and PAM of 1 to 4 channels. A highest value of up to
// 255 becomes 8 bits, others 16; samples are scaled to the full range, to the nearest. Of several pictures in
// a file this is the first. See decode_picture.
StoredPicture decode_pnm(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
