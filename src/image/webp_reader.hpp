// WebP by libwebp: lossy, lossless and with alpha. An animation is refused (kUnsupported).
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// See decode_picture.
StoredPicture decode_webp(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
