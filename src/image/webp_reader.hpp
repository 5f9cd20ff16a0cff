// WebP by libwebp: lossy, lossless and with alpha. An animation is refused (kUnsupported).
#pragma once

#include <cstddef>
#include <span>

#include "image/picture.hpp"
#include "image/picture_limits.hpp"

namespace slipway {

// See decode_picture.
Picture decode_webp(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
