// PNG by libpng. Text, colour profiles and whatever else is not samples or orientation is skipped unread, so
// compressed metadata cannot cost memory. Of an animated PNG this is the default image.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// See decode_picture.
StoredPicture decode_png(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
