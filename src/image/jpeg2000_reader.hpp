// JPEG 2000 by OpenJPEG.
#pragma once

#include <cstddef>
#include <span>

#include "image/picture_limits.hpp"
#include "image/stored_picture.hpp"

namespace slipway {

// JP2 files and bare codestreams of 1 to 4 unsigned components of up to 16 bits: grey, RGB, sYCC or a
// palette, with or without alpha. Components of up to 8 bits become 8 bits, others 16, scaled to the full
// range, to the nearest; smaller ones are enlarged by repetition. The library needs eight bytes a sample,
// which count against max_bytes doubled. See decode_picture.
StoredPicture decode_jpeg2000(std::span<const std::byte> file, const PictureLimits& limits);

}  // namespace slipway
