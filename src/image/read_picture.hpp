// Pictures in. The format is recognised by content, never by name.
//
// | format | becomes |
// |---|---|
// | PNG  | all kinds: grey of 1, 2, 4 bits becomes 8 bits, a palette RGB, a transparent colour alpha; 16 bits
// stay | | JPEG | grey or RGB of 8 bits, from baseline or progressive, YCbCr, RGB, CMYK or YCCK | | WebP |
// RGB or RGBA of 8 bits, lossy or lossless; animations are refused |
//
// An orientation in EXIF is applied, in all three. Colour profiles and gamma are ignored: samples are what
// the file stores. CMYK is taken as inverted, as Adobe writes it and every reader assumes, and becomes RGB by
// R = K' - (255 - C') * K' / 255, rounded, C' and K' being the stored samples; Pillow does the same.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "image/picture.hpp"
#include "image/picture_limits.hpp"

namespace slipway {

// Thread-safe. Errors: kInvalidPicture for a damaged or truncated file (also one whose damage a viewer would
// paint over), kUnsupported for a format or feature that is not read, kOutOfMemory for an exceeded limit.
Picture decode_picture(std::span<const std::byte> file, const PictureLimits& limits = {});

// The same from a file, named in every error; also kNotFound and kIo.
Picture read_picture(const std::filesystem::path& path, const PictureLimits& limits = {});

}  // namespace slipway
