// Pictures in. The format is recognised by content, never by name.
//
// | format | becomes |
// |---|---|
// | PNG       | all kinds: grey of 1, 2, 4 bits becomes 8 bits, a palette RGB, a transparent colour alpha; 16
// bits stay | | JPEG      | grey or RGB of 8 bits, from baseline or progressive, YCbCr, RGB, CMYK or YCCK |
// | WebP      | RGB or RGBA of 8 bits, lossy or lossless; animations are refused |
// | BMP       | grey, RGB or RGBA of 8 bits: bmp_reader.hpp |
// | PNM, PAM  | 1 to 4 channels of 8 or 16 bits: pnm_reader.hpp |
// | TIFF      | 1 to 4 channels of 8 or 16 bits, the first picture of the file: tiff_reader.hpp |
// | JPEG 2000 | 1 to 4 channels of 8 or 16 bits: jpeg2000_reader.hpp |
//
// An orientation in EXIF or TIFF's own is applied. Colour profiles and gamma are ignored: samples are what
// the file stores. A JPEG's CMYK is taken as inverted, as Adobe writes it and every reader assumes, and
// becomes RGB by R = K' - (255 - C') * K' / 255, rounded, C' and K' being the stored samples; Pillow does the
// same.
//
// A build may leave out TIFF and JPEG 2000 and their libraries: SLIPWAY_TIFF, SLIPWAY_JPEG2000.
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

// The same, but as the samples are stored: an orientation is not applied.
Picture decode_stored_picture(std::span<const std::byte> file, const PictureLimits& limits = {});

// decode_picture from a file, named in every error; also kNotFound and kIo.
Picture read_picture(const std::filesystem::path& path, const PictureLimits& limits = {});

}  // namespace slipway
